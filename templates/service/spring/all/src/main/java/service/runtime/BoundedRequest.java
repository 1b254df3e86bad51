package service.runtime;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/** A request whose body has an end, whatever its client sends. */
final class BoundedRequest extends HttpServletRequestWrapper {
    BoundedRequest(HttpServletRequest request) {
        super(request);
    }

    static Problem tooLarge() {
        return new Problem(413, "a body has at most " + Config.MAX_BODY_BYTES + " bytes");
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        return new Bounded(super.getInputStream());
    }

    private static final class Bounded extends ServletInputStream {
        private final ServletInputStream whole;
        private long taken;

        Bounded(ServletInputStream whole) {
            this.whole = whole;
        }

        @Override
        public int read() throws IOException {
            int one = whole.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int size = whole.read(into, offset, length);
            count(Math.max(size, 0));
            return size;
        }

        private void count(int size) {
            taken += size;
            if (taken > Config.MAX_BODY_BYTES) {
                throw tooLarge();
            }
        }

        @Override
        public boolean isFinished() {
            return whole.isFinished();
        }

        @Override
        public boolean isReady() {
            return whole.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            whole.setReadListener(listener);
        }
    }
}
