// Analyses files: one call, then all of them on one stream: client TARGET FILE...
//
// TARGET is host:port, or dns:///parallax-headless.news:50051 for every replica. PARALLAX_API_KEY and PARALLAX_CA (a PEM
// file of authorities, for TLS) come from the environment. Run in this folder; the stubs are made by `buf generate`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // healthCheckConfig of the service config does nothing without it
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	pb "example.org/parallax-client/parallax/v1"
)

const (
	callTime   = 30 * time.Second
	streamTime = 5 * time.Minute
)

// docs/clients.md says what each part of it does.
const serviceConfigFile = "../service_config.json"

func connect(target string) (*grpc.ClientConn, error) {
	serviceConfig, err := os.ReadFile(serviceConfigFile)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if authorities := os.Getenv("PARALLAX_CA"); authorities != "" {
		if transport, err = credentials.NewClientTLSFromFile(authorities, ""); err != nil {
			return nil, err
		}
	}
	return grpc.NewClient(target,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(string(serviceConfig)),
		// A long article's quotations and sentences add up; the default is 4 MiB.
		// WaitForReady waits for a server that is just starting, within the deadline.
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20), grpc.WaitForReady(true)),
		// Is the other side still there? The interval is the server's own.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Minute, Timeout: 20 * time.Second}),
	)
}

// within gives a call its deadline (the server drops what nobody waits for) and its key.
func within(limit time.Duration) (context.Context, context.CancelFunc) {
	ctx := context.Background()
	if key := os.Getenv("PARALLAX_API_KEY"); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	return context.WithTimeout(ctx, limit)
}

func request(file string) (*pb.AnalyzeArticleRequest, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return &pb.AnalyzeArticleRequest{Article: &pb.Article{Id: file, Text: string(text)}}, nil
}

func describe(answer *pb.AnalyzeArticleResponse) string {
	stance := answer.GetStance()
	return fmt.Sprintf("%s: %s %s: %s",
		answer.GetArticleId(), stance.GetStatus(), stance.GetFraming().GetLabel(), answer.GetSummary().GetText())
}

func analyze(client pb.AnalysisServiceClient, file string) error {
	article, err := request(file)
	if err != nil {
		return err
	}
	ctx, cancel := within(callTime)
	defer cancel()
	answer, err := client.AnalyzeArticle(ctx, article)
	if err != nil {
		return err
	}
	fmt.Println(describe(answer))
	return nil
}

// send blocks while the transport is full: the files may be any number.
func send(stream pb.AnalysisService_AnalyzeArticlesClient, files []string) error {
	for _, file := range files {
		article, err := request(file)
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.AnalyzeArticlesRequest{Request: article}); err != nil {
			return err
		}
	}
	return stream.CloseSend()
}

func analyzeAll(client pb.AnalysisServiceClient, files []string) error {
	ctx, cancel := within(streamTime)
	defer cancel()
	stream, err := client.AnalyzeArticles(ctx)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		err := send(stream, files)
		if err != nil {
			cancel() // or Recv would wait for replies to what was never sent
		}
		sent <- err
	}()
	for {
		reply, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return <-sent
		}
		if err != nil {
			return err
		}
		if failure := reply.GetError(); failure != nil {
			fmt.Printf("%d: %s\n", reply.GetIndex(), failure.GetMessage())
			continue
		}
		fmt.Printf("%d: %s\n", reply.GetIndex(), describe(reply.GetResponse()))
	}
}

func run(target string, files []string) error {
	connection, err := connect(target)
	if err != nil {
		return err
	}
	defer connection.Close()
	client := pb.NewAnalysisServiceClient(connection)
	if err := analyze(client, files[0]); err != nil {
		return err
	}
	return analyzeAll(client, files)
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("client TARGET FILE...")
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		log.Fatal(err)
	}
}
