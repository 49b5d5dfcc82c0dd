//! Cases that know nothing of each other, several at a time: most of its time each waits.

use std::sync::Mutex;

const AT_ONCE: usize = 4;

/// Checks each of them. The first that fails ends the test, with the message of its own.
pub(crate) fn check_each<C: IntoIterator>(cases: C, check: impl Fn(C::Item) + Sync)
where
    C::IntoIter: Send,
{
    let cases = Mutex::new(cases.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(case) = cases.lock().expect("nobody panics while a case is taken").next() else { return };
                    check(case);
                }
            });
        }
    });
}
