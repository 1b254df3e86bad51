package service.runtime;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls another service: with a time-out, and the ids of the call that is being answered go along. What fails is a
 * Problem, 502 or 504, so a handler may let it pass to its own client. Safe for many threads.
 */
public final class Client {
    private static final int MOST_BYTES = 8 << 20; // of an answer
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build(); // follows no redirect

    /** An answer, read whole. */
    public record Reply(int status, java.net.http.HttpHeaders headers, byte[] body) {}

    private final String base;
    private final String authority;

    public Client(URI base) {
        this.base = base.toString();
        this.authority = base.getAuthority();
    }

    public Reply get(String path) {
        return call("GET", path, null);
    }

    /** `value` is sent as JSON unless it is null. */
    public Reply call(String method, String path, Object value) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
        Call call = Call.current() != null ? Call.current() : Call.fresh();
        call.headers().forEach(request::header);
        request.header("accept", "application/json");
        if (value == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("content-type", "application/json");
            request.method(method, HttpRequest.BodyPublishers.ofString(Json.write(value)));
        }
        return send(request.build());
    }

    private Reply send(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> future = HTTP.sendAsync(request, head -> new Bounded());
        try {
            HttpResponse<byte[]> reply = future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new Reply(reply.statusCode(), reply.headers(), reply.body());
        } catch (TimeoutException slow) {
            future.cancel(true);
            throw new Problem(504, authority + " did not answer in time");
        } catch (ExecutionException failure) {
            throw problemOf(failure.getCause());
        } catch (InterruptedException interrupted) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new Problem(503, "the service is about to end");
        }
    }

    private Problem problemOf(Throwable failure) {
        if (failure instanceof HttpTimeoutException) {
            return new Problem(504, authority + " did not answer in time");
        }
        if (failure instanceof TooLarge) {
            return new Problem(502, authority + " answered with more than " + MOST_BYTES + " bytes");
        }
        return new Problem(502, authority + " could not be called");
    }

    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** The body as bytes, up to a bound. */
    private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                if (bytes.size() + part.remaining() > MOST_BYTES) {
                    subscription.cancel();
                    whole.completeExceptionally(new TooLarge());
                    return;
                }
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.writeBytes(copy);
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toByteArray());
        }
    }
}
