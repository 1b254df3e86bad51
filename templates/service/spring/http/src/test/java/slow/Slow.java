package slow;

import java.util.concurrent.CountDownLatch;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Handlers of a test; in a package of their own, where the service does not look for any. */
@RestController
public final class Slow {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    public CountDownLatch begun() {
        return begun;
    }

    public CountDownLatch goOn() {
        return goOn;
    }

    @GetMapping("/slow")
    String answer() throws InterruptedException {
        begun.countDown();
        goOn.await();
        return "done";
    }

    @GetMapping("/fail")
    String fail() {
        throw new IllegalStateException("planted");
    }
}
