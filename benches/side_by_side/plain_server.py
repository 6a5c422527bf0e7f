"""What a team would write first: the same models behind a gRPC server in Python, one process, transformers on all cores.

It answers AnalyzeArticle with a summary of three sentences and the framing of the built-in contest. Sentences come from a
regular expression; furniture, quotations, spans and evidence, which Parallax also answers, are left out, so the comparison
is kind to it. `plain_server.py PORT`.
"""

import sys
from concurrent import futures
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUBS = ROOT / "target" / "side_by_side" / "stubs"
sys.path[:0] = [str(ROOT / "models" / "training"), str(STUBS)]


def generate_stubs():
    from grpc_tools import protoc
    STUBS.mkdir(parents=True, exist_ok=True)
    protos = [str(path) for folder in ("parallax/v1", "google/rpc") for path in (ROOT / "proto" / folder).glob("*.proto")]
    include = Path(protoc.__file__).parent / "_proto"
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{include}", f"--python_out={STUBS}", f"--grpc_python_out={STUBS}"]
    if protoc.main(arguments + protos):
        raise SystemExit("the contract does not compile")


class Model:
    """Encoder, heads and calibration of the bundle."""

    def __init__(self):
        import torch
        import tomllib
        from common import BUNDLE
        from network import from_bundle
        from prepare import SENTENCE_END, built_in_contest
        from reader import Reader
        self.torch, self.sentence_end = torch, SENTENCE_END
        self.network, self.reader, contest = from_bundle(), Reader(), built_in_contest()
        self.finder = contest["finder"]
        calibration = tomllib.loads((BUNDLE / "calibration.toml").read_text())["framing"]["us-russia"]
        self.weights, self.cut = list(calibration["weights"].values()), calibration["cut"]
        with torch.inference_mode():
            claims = self.reader.read(self.network, [self.reader.separate(side, []) for side in contest["claims"]])
        self.claims = [side["sentence"].mean(dim=0) for side in claims]

    def read(self, text):
        """(three sentences, [first, balanced, second])."""
        from calibrate import article_features, probabilities
        from reader import shared_vectors, stance_logits
        torch, network = self.torch, self.network
        sentences = [s.strip() for line in text.split("\n") for s in self.sentence_end.split(line) if s.strip()]
        listed = self.reader.text(sentences, self.finder.find(sentences))
        with torch.inference_mode():
            [vectors] = self.reader.read(network, [listed])
            rows = shared_vectors(listed, vectors)
            stance, article = stance_logits(network, listed, vectors, self.claims)
            stance, article = torch.softmax(stance, dim=1).numpy(), torch.softmax(article, dim=0).numpy()
            sourced = torch.sigmoid(network.head("sourced", rows))[:, 0].numpy()
            salience = network.head("salience", rows)[:, 0].numpy()
        features = article_features(stance[:, 0] - stance[:, 2], sourced, article[0] - article[2])
        best = sorted(sorted(range(len(sentences)), key=lambda n: -salience[n])[:3])
        return [sentences[n] for n in best], probabilities(features, {"weights": self.weights, "cut": self.cut}).tolist()


def main():
    generate_stubs()
    import grpc
    from parallax.v1 import analysis_service_pb2 as messages
    from parallax.v1 import analysis_service_pb2_grpc as services
    from parallax.v1 import stance_pb2, summary_pb2
    model = Model()

    class Service(services.AnalysisServiceServicer):
        def AnalyzeArticle(self, request, context):
            sentences, (first, balanced, second) = model.read(request.article.text)
            labels = zip(("us_nato", "balanced", "russia"), (first, balanced, second))
            framing = stance_pb2.Framing(score=first - second, probabilities=[
                stance_pb2.LabelProbability(label=label, probability=p) for label, p in labels])
            return messages.AnalyzeArticleResponse(summary=summary_pb2.Summary(text=" ".join(sentences)),
                                                   stance=stance_pb2.Stance(framing=framing))

    # Torch uses all cores for one article; more articles at once only get in each other's way.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    services.add_AnalysisServiceServicer_to_server(Service(), server)
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    print("serving", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
