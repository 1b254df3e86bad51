// An HTTP/1.1 server that does as its paths say, for tests of the real binary. Prints `http://127.0.0.1:PORT`.
//
//   fake_upstream [PORT] [NAME]   PORT 0 or $PORT: as given; NAME is sent back as x-upstream
//   /echo          the request's head and body as text            /status/503    that status
//   /hold          answers once a request for /release came       /bytes/1000    a body of that size
//   /stream/5      five chunks, one for each /release             /cut           half of what content-length promises
//   /env/NAME      the process's variable                         /log/TEXT      prints TEXT and answers
//   /date/17       a date field, in seconds since 1970
//   /finish/length a chat completion "Hel" that ended for that reason
//   /v1/models     an empty list of models
//   /exit/3        exits with that status                         anything else  200 "hello from NAME"
// One thread a connection; nothing is ever repaired, because it stands for a well-behaved server.
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

std::string name = "upstream";
std::mutex mutex;
std::condition_variable released;
unsigned tokens = 0;  // /release adds one, a held answer takes one

void take_token() {
  std::unique_lock lock(mutex);
  released.wait(lock, [] { return tokens > 0; });
  --tokens;
}

struct Call {
  std::string head, path, body;
};

bool put(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = send(fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool reply(int fd, int status, const std::string& body, const std::string& more = {}) {
  return put(fd, "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-type: text/plain\r\nx-upstream: " + name +
                     "\r\n" + more + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::string field(const std::string& head, const std::string& wanted) {
  std::string low = head;
  for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t at = low.find("\r\n" + wanted + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + wanted.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

bool fill(int fd, std::string& buffer) {
  char bytes[65536];
  const ssize_t n = recv(fd, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(n));
  return true;
}

bool read_chunks(int fd, std::string& buffer, std::string& body) {
  while (true) {
    std::size_t end = 0;
    while ((end = buffer.find("\r\n")) == std::string::npos)
      if (!fill(fd, buffer)) return false;
    const std::size_t size = std::strtoul(buffer.c_str(), nullptr, 16);
    while (buffer.size() < end + 2 + size + 2)
      if (!fill(fd, buffer)) return false;
    body += buffer.substr(end + 2, size);
    buffer.erase(0, end + 2 + size + 2);
    if (size == 0) return true;
  }
}

bool read_call(int fd, std::string& buffer, Call& call) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!fill(fd, buffer)) return false;
  call.head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  call.body.clear();
  const std::size_t first = call.head.find(' ') + 1;
  call.path = call.head.substr(first, call.head.find_first_of(" ?", first) - first);
  if (field(call.head, "transfer-encoding") == "chunked") return read_chunks(fd, buffer, call.body);
  const std::size_t length = std::strtoul(field(call.head, "content-length").c_str(), nullptr, 10);
  while (buffer.size() < length)
    if (!fill(fd, buffer)) return false;
  call.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return true;
}

bool stream(int fd, int pieces) {
  bool fine = put(fd, "HTTP/1.1 200 X\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n");
  for (int i = 0; fine && i < pieces; ++i) {
    take_token();
    fine = put(fd, "8\r\npiece " + std::to_string(i % 10) + "\n\r\n");
  }
  return fine && put(fd, "0\r\n\r\n");
}

std::string date_field(std::time_t seconds) {
  char text[64];
  std::tm date{};
  gmtime_r(&seconds, &date);
  return {text, std::strftime(text, sizeof text, "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &date)};
}

bool answer(int fd, const Call& call) {
  const auto rest = [&](const char* prefix) { return call.path.substr(std::string(prefix).size()); };
  const auto is = [&](const char* prefix) { return call.path.starts_with(prefix); };
  if (is("/echo")) return reply(fd, 200, call.head + "\r\n" + call.body);
  if (is("/status/")) return reply(fd, std::atoi(rest("/status/").c_str()), "as asked");
  if (is("/finish/")) {
    const std::string path = rest("/finish/");
    return reply(fd, 200,
                 R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hel"},"finish_reason":")" +
                     path.substr(0, path.find('/')) + "\"}]}");
  }
  if (is("/v1/models")) return reply(fd, 200, R"({"object":"list","data":[]})");
  if (is("/date/")) return reply(fd, 200, "dated", date_field(std::strtol(rest("/date/").c_str(), nullptr, 10)));
  if (is("/bytes/")) return reply(fd, 200, std::string(std::strtoul(rest("/bytes/").c_str(), nullptr, 10), 'x'));
  if (is("/stream/")) return stream(fd, std::atoi(rest("/stream/").c_str()));
  if (is("/exit/")) std::_Exit(std::atoi(rest("/exit/").c_str()));
  if (is("/env/")) {
    const char* value = std::getenv(rest("/env/").c_str());
    return reply(fd, value ? 200 : 404, value ? value : "");
  }
  if (is("/log/")) {
    std::cout << rest("/log/") << std::endl;
    return reply(fd, 200, "logged");
  }
  if (is("/hold")) {
    std::cout << "holding" << std::endl;
    take_token();
    return reply(fd, 200, "held");
  }
  if (is("/release")) {
    {
      const std::lock_guard lock(mutex);
      ++tokens;
    }
    released.notify_all();
    return reply(fd, 200, "released");
  }
  if (is("/cut")) {
    put(fd, "HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n" + std::string(50, 'x'));
    return false;
  }
  return reply(fd, 200, "hello from " + name);
}

void serve(int fd) {
  std::string buffer;
  Call call;
  while (read_call(fd, buffer, call) && answer(fd, call) && field(call.head, "connection") != "close") {
  }
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const char* port = argc > 1 ? argv[1] : std::getenv("PORT");
  if (argc > 2) name = argv[2];
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port ? std::atoi(port) : 0));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1024) != 0) {
    std::cerr << "cannot listen on port " << (port ? port : "0") << std::endl;
    return 1;
  }
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::cout << "http://127.0.0.1:" << ntohs(address.sin_port) << std::endl;
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) std::thread(serve, fd).detach();
  }
}
