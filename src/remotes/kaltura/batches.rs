//! Questions about many: so many of them in one request, and some requests at a time.

use std::future::Future;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::remotes::http::RemoteError;

/// Requests that are made at a time.
const SIDE_BY_SIDE: usize = 4;

/// Asks for all of `items`, at most `size` of them in one request; returns the answers in their order, or the first error.
pub(super) async fn ask_in_batches<'a, I, T, F: Future<Output = Result<Vec<T>, RemoteError>>>(
    items: &'a [I],
    size: usize,
    ask: impl Fn(&'a [I]) -> F,
) -> Result<Vec<T>, RemoteError> {
    // an iterator that is held while it is waited for would have to take batches of any lifetime
    let requests: Vec<F> = items.chunks(size).map(ask).collect();
    stream::iter(requests).buffered(SIDE_BY_SIDE).try_concat().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{SIDE_BY_SIDE, ask_in_batches};
    use crate::remotes::http::{RemoteError, RemoteKind, Service};

    /// They come in order, whichever is answered first.
    #[tokio::test]
    async fn batches_are_asked_side_by_side() {
        let items: Vec<usize> = (0..95).collect();
        let (open, most, requests) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let answers = ask_in_batches(&items, 10, async |batch| {
            open.set(open.get() + 1);
            most.set(open.get().max(most.get()));
            requests.set(requests.get() + 1);
            // the later ones answer sooner
            for _ in batch[0]..items.len() {
                tokio::task::yield_now().await;
            }
            open.set(open.get() - 1);
            Ok(batch.iter().map(|item| item * 2).collect())
        });
        assert_eq!(answers.await.expect("answers"), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!((most.get(), requests.get()), (SIDE_BY_SIDE, 10));
    }

    /// And those that were not asked yet are not asked any more.
    #[tokio::test]
    async fn first_error_ends_batches() {
        let requests = Cell::new(0);
        let answers = ask_in_batches(&[(); 100], 1, async |_| {
            requests.set(requests.get() + 1);
            Err::<Vec<()>, _>(RemoteError::new(Service::Kaltura, RemoteKind::Rejected, "no".to_owned()))
        });
        assert!(answers.await.is_err());
        assert!(requests.get() <= SIDE_BY_SIDE, "{}", requests.get());
    }
}
