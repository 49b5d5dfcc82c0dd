//! TLS 1.3 as a server speaks it, with a certificate for 127.0.0.1 and `localhost` that `tests/fixtures/root.pem` vouches for.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::TLS13;

/// The certificate and its key.
const IDENTITY: &[u8] = include_bytes!("../fixtures/stand-in.pem");

/// What makes a TCP connection one of TLS.
pub(super) fn acceptor() -> TlsAcceptor {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(IDENTITY).collect();
    let key = PrivateKeyDer::from_pem_slice(IDENTITY).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("ciphers of TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(chain.expect("a certificate"), key)
        .expect("a key that fits its certificate");
    TlsAcceptor::from(Arc::new(config))
}
