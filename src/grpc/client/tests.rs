//! URLs, and articles that break connections.

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::{join_all, pending};
use futures::stream;
use tonic::transport::Server;
use tonic::{Response, async_trait};

use super::v1::analysis_service_server::{AnalysisService, AnalysisServiceServer};
use super::*;

/// An article that ends every connection that it travels on.
const POISON: &str = "poison";

#[test]
fn a_url_that_says_too_little_is_refused_before_anybody_is_asked() {
    let address = |url| ServerAddress::new(url, &Credentials::default());
    for url in ["127.0.0.1:50051", "localhost", "ftp://localhost:1", "/tmp/socket", "a b", ""] {
        let error = address(url).expect_err(url);
        assert!(matches!(error, AddressError::Url), "{url}: {error:?}");
    }
    address("http://127.0.0.1:50051").expect("an address");
}

/// Takes articles only over connections on which it was asked who it is; others it cuts, as a
/// server does that a neighbour's article makes fall.
#[derive(Default)]
struct Cutting {
    /// The socket of each connection, whether it was asked who it is, and its articles.
    connections: std::sync::Mutex<HashMap<SocketAddr, (std::net::TcpStream, bool, u32)>>,
    open: AtomicU32,
    most_open: AtomicU32,
}

#[async_trait]
impl AnalysisService for Arc<Cutting> {
    async fn get_server_info(
        &self,
        request: Request<v1::GetServerInfoRequest>,
    ) -> Result<Response<v1::GetServerInfoResponse>, Status> {
        let peer = request.remote_addr().expect("peer");
        self.connections.lock().expect("lock").get_mut(&peer).expect("connection").1 = true;
        Ok(Response::new(v1::GetServerInfoResponse::default()))
    }

    async fn analyze_article(
        &self,
        request: Request<v1::AnalyzeArticleRequest>,
    ) -> Result<Response<v1::AnalyzeArticleResponse>, Status> {
        let peer = request.remote_addr().expect("peer");
        let article_id = request.into_inner().article.expect("article").id;
        let sound = {
            let mut connections = self.connections.lock().expect("lock");
            let (socket, asked, articles) = connections.get_mut(&peer).expect("connection");
            *articles += 1;
            let sound = *asked && *articles == 1 && article_id != POISON;
            if !sound {
                socket.shutdown(Shutdown::Both).expect("shutdown");
            }
            sound
        };
        if !sound {
            return pending().await;
        }
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
        Ok(Response::new(v1::AnalyzeArticleResponse { article_id, ..Default::default() }))
    }

    type AnalyzeArticlesStream = stream::Empty<Result<v1::AnalyzeArticlesResponse, Status>>;

    async fn analyze_articles(
        &self,
        _: Request<tonic::Streaming<v1::AnalyzeArticlesRequest>>,
    ) -> Result<Response<Self::AnalyzeArticlesStream>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn compare_articles(
        &self,
        _: Request<v1::CompareArticlesRequest>,
    ) -> Result<Response<v1::CompareArticlesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}

/// Where it listens.
async fn serve(service: Arc<Cutting>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let seen = Arc::clone(&service);
    let incoming = stream::unfold(listener, move |listener| {
        let seen = Arc::clone(&seen);
        async move {
            let (socket, peer) = listener.accept().await.expect("connection");
            let socket = socket.into_std().expect("socket");
            let copy = socket.try_clone().expect("socket");
            seen.connections.lock().expect("lock").insert(peer, (copy, false, 0));
            Some((tokio::net::TcpStream::from_std(socket), listener))
        }
    });
    let server = Server::builder().add_service(AnalysisServiceServer::new(service));
    tokio::spawn(server.serve_with_incoming(Box::pin(incoming)));
    url
}

#[tokio::test]
async fn an_article_that_breaks_connections_is_judged_alone_and_no_other_with_it() {
    let service = Arc::new(Cutting::default());
    let url = serve(Arc::clone(&service)).await;
    let address = ServerAddress::new(&url, &Credentials::default()).expect("address");
    // Not awaited at all: every first call is cut, and every last attempt is due at once.
    let remote = address.connect(Duration::ZERO).await.expect("connection");
    let outcomes = join_all(["a", "b", "c", POISON, "d", "e"].map(|id| {
        let article = v1::Article { id: id.to_owned(), ..Default::default() };
        let request = v1::AnalyzeArticleRequest { article: Some(article), ..Default::default() };
        remote.analyze(request)
    }));
    for (outcome, id) in outcomes.await.into_iter().zip(["a", "b", "c", POISON, "d", "e"]) {
        match outcome {
            Ok(reply) => assert_eq!(reply.article_id, id),
            Err(error) => {
                assert!(id == POISON && matches!(error, CallError::Article(_)), "{id} {error:?}");
            }
        }
    }
    assert_eq!(service.most_open.load(Ordering::SeqCst), 1);
}
