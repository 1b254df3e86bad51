package service.runtime;

import static service.runtime.Tests.contains;
import static service.runtime.Tests.equal;

import java.util.List;

/** The reader and writer of JSON. */
public final class JsonTest {
    void valuesAreReadAsTheyAreWritten() throws Json.Malformed {
        for (String text : List.of(
                "null", "true", "[]", "{}", "0", "-1", "0.5", "[1,[2,{\"a\":null}]]", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u00e9\"")) {
            equal(text, Json.write(Json.read(text)));
        }
        equal("\u00e9/\ud83c\udf75", Json.read(" \"\\u00e9\\/\\ud83c\\udf75\" "));
        equal(999999999999999999L, Json.read("999999999999999999"));
        equal(1e300, Json.read("1e300"));
        equal("{\"a\":2}", Json.write(Json.read("{\"a\":1,\"a\":2}")));
    }

    void whatIsNoJsonIsRefused() {
        for (String text : List.of(
                "", " ", "{", "[", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "01", "-", "1.", ".5", "1e", "+1", "NaN",
                "tru", "nul", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\t\"", "1 2", "[1}", "1e999",
                "\"\\ud800\"", "\"\\udc00\\ud800\"", "'a'", "[".repeat(100_000))) {
            String reason = "";
            try {
                Json.read(text);
            } catch (Json.Malformed malformed) {
                reason = malformed.getMessage();
            }
            contains(reason, ", at character ");
        }
    }
}
