//! A server on 127.0.0.1, port 0, in a thread of its own, stopped on drop.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::task::AtomicWaker;
use futures_util::{FutureExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::tls::acceptor;

/// What its connections are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Bytes as they are.
    #[default]
    Plain,
    /// TLS 1.3.
    Tls,
}

/// A running server. Dropping it closes every connection.
pub struct Server {
    address: SocketAddr,
    transport: Transport,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts `router` on a free port, or on `port` if it is not 0.
    pub fn start_with(transport: Transport, port: u16, router: Router) -> Server {
        let listener = std::net::TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket that can wait");
        let address = listener.local_addr().expect("a bound socket");
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let tcp = TcpListener::from_std(listener).expect("a listener");
                let tls = (transport == Transport::Tls).then(acceptor);
                let listener = Cuttable { tcp, tls, greeting: FuturesUnordered::new() };
                let service = router.into_make_service_with_connect_info::<Peer>();
                tokio::select! {
                    _ = axum::serve(listener, service) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Server { address, transport, stop: Some(stop), thread: Some(thread) }
    }

    /// Starts `router` on a free port, without TLS.
    pub fn start(router: Router) -> Server {
        Server::start_with(Transport::Plain, 0, router)
    }

    /// The port that was given to it.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `http://127.0.0.1:PORT`, or `https`, without a slash at the end.
    pub fn url(&self) -> String {
        self.url_at("127.0.0.1")
    }

    /// The same by another name of this machine.
    pub fn url_at(&self, host: &str) -> String {
        let scheme = if self.transport == Transport::Tls { "https" } else { "http" };
        format!("{scheme}://{host}:{}", self.address.port())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The other end of the connection a request came by: lets a fault cut it without an answer.
#[derive(Clone)]
pub struct Peer {
    cut: Arc<Cut>,
    is_tls: bool,
}

/// Whether a connection is cut, and who waits for bytes from it.
#[derive(Default)]
struct Cut {
    done: AtomicBool,
    /// Whether a request came by it already.
    used: AtomicBool,
    reader: AtomicWaker,
}

impl Peer {
    /// From now on not a byte is written to this connection, and it is closed at once.
    pub fn cut(&self) {
        self.cut.done.store(true, Ordering::SeqCst);
        self.cut.reader.wake();
    }
}

impl Peer {
    /// How many times something goes there and back until the answer to the next request by this connection: once, and
    /// for the first one before that to connect, and once more to agree on keys.
    pub fn count_round_trips(&self) -> u32 {
        match (self.cut.used.swap(true, Ordering::SeqCst), self.is_tls) {
            (true, _) => 1,
            (false, false) => 2,
            (false, true) => 3,
        }
    }
}

impl Connected<IncomingStream<'_, Cuttable>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Peer {
        let CuttableStream { wire, cut } = stream.io();
        Peer { cut: Arc::clone(cut), is_tls: matches!(wire, Wire::Tls(_)) }
    }
}

struct Cuttable {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Connections that agree on keys; `None` comes of one that fails to.
    greeting: FuturesUnordered<BoxFuture<'static, Option<(CuttableStream, SocketAddr)>>>,
}

impl Cuttable {
    fn welcome(&mut self, stream: TcpStream, address: SocketAddr) -> Option<(CuttableStream, SocketAddr)> {
        let _ = stream.set_nodelay(true);
        let whole = move |wire| (CuttableStream { wire, cut: Arc::default() }, address);
        let Some(tls) = &self.tls else {
            return Some(whole(Wire::Plain(stream)));
        };
        let agreed = tls.accept(stream);
        self.greeting.push(async move { Some(whole(Wire::Tls(Box::new(agreed.await.ok()?)))) }.boxed());
        None
    }
}

impl Listener for Cuttable {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, SocketAddr) {
        loop {
            let done = tokio::select! {
                Ok((stream, address)) = self.tcp.accept() => self.welcome(stream, address),
                Some(done) = self.greeting.next() => done,
                else => None,
            };
            if let Some(done) = done {
                return done;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

struct CuttableStream {
    wire: Wire,
    cut: Arc<Cut>,
}

impl CuttableStream {
    fn whole(&self) -> io::Result<()> {
        if self.cut.done.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.cut.reader.register(cx.waker());
        self.whole()?;
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.whole()?;
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, data),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, data),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.whole()?;
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
