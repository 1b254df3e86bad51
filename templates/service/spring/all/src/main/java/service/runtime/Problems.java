package service.runtime;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.NoHandlerFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Whatever a handler throws, and whatever Spring refuses, as application/problem+json. */
@RestControllerAdvice
class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    static void write(HttpServletResponse response, Problem problem) throws IOException {
        response.setStatus(problem.status());
        problem.headers().forEach(response::setHeader);
        response.setContentType("application/problem+json");
        byte[] body = (Json.write(problem.value()) + "\n").getBytes(StandardCharsets.UTF_8);
        response.getOutputStream().write(body);
    }

    @ExceptionHandler
    void answer(Exception thrown, HttpServletRequest request, HttpServletResponse response) throws IOException {
        write(response, problemOf(thrown, request));
    }

    private static Problem problemOf(Exception thrown, HttpServletRequest request) {
        String path = request.getRequestURI();
        if (thrown instanceof Problem problem) {
            return problem;
        }
        if (thrown instanceof HttpMessageNotReadableException unreadable) {
            return problemOf(unreadable);
        }
        if (thrown instanceof MethodArgumentNotValidException invalid) {
            List<Problem.Fault> faults = invalid.getFieldErrors().stream()
                    .map(error -> new Problem.Fault("/" + error.getField(), error.getDefaultMessage()))
                    .toList();
            return new Problem(422, "the body is not valid", faults);
        }
        // A path that cannot be one is not there.
        if (thrown instanceof NoHandlerFoundException || thrown instanceof MethodArgumentTypeMismatchException) {
            return new Problem(404, "there is no " + path);
        }
        if (thrown instanceof HttpRequestMethodNotSupportedException refused) {
            String allow = allowed(refused.getSupportedHttpMethods());
            return new Problem(405, path + " takes " + allow, List.of(), Map.of("allow", allow));
        }
        if (thrown instanceof HttpMediaTypeNotSupportedException) {
            return new Problem(
                    415, "send the body as application/json", List.of(), Map.of("accept", "application/json"));
        }
        if (thrown instanceof ErrorResponse refused && refused.getStatusCode().is4xxClientError()) {
            return new Problem(refused.getStatusCode().value(), refused.getBody().getDetail());
        }
        LOG.error("a handler failed", thrown);
        return new Problem(500, "the service failed; its log has the request id");
    }

    /** No JSON, or JSON that does not fit its type, at a pointer. */
    private static Problem problemOf(HttpMessageNotReadableException unreadable) {
        if (unreadable.getRootCause() instanceof Problem tooLarge) { // of BoundedRequest
            return tooLarge;
        }
        if (!(unreadable.getCause() instanceof DatabindException unfit)) {
            return new Problem(400, "the body is not JSON");
        }
        String pointer = unfit.getPath().stream().map(Problems::part).collect(Collectors.joining());
        boolean unknown = unfit instanceof UnrecognizedPropertyException;
        Problem.Fault fault = new Problem.Fault(pointer, unknown ? "is not known" : "is of another type");
        return new Problem(422, "the body is not valid", List.of(fault));
    }

    private static String part(JacksonException.Reference reference) {
        return "/" + (reference.getPropertyName() != null ? reference.getPropertyName() : reference.getIndex());
    }

    private static String allowed(Set<HttpMethod> methods) {
        Set<String> names = new TreeSet<>();
        for (HttpMethod method : methods == null ? Set.<HttpMethod>of() : methods) {
            names.add(method.name());
        }
        if (names.contains("GET")) {
            names.add("HEAD");
        }
        return String.join(", ", names);
    }
}
