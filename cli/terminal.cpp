#include "terminal.h"

#include <cerrno>

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

namespace apigw::cli {

Terminal detect_terminal(const config::Environment& environment) {
  Terminal terminal{
      .out = ::isatty(STDOUT_FILENO) == 1, .err = ::isatty(STDERR_FILENO) == 1, .in = ::isatty(STDIN_FILENO) == 1};
  winsize size{};
  const auto columns = environment.find("COLUMNS");
  if (columns != environment.end()) {
    if (const auto number = text::parse_number(columns->second); number && *number >= 20 && *number <= 1000)
      terminal.width = static_cast<int>(*number);
  } else if (terminal.out && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) {
    terminal.width = size.ws_col;
  }
  return terminal;
}

namespace {

termios mode_before;  // of the one SilentInput; a signal handler can reach nothing else

extern "C" void give_terminal_back(int number) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode_before);
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

SilentInput::SilentInput() {
  if (::tcgetattr(STDIN_FILENO, &mode_before) != 0) return;
  silenced_ = true;
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, give_terminal_back);
  termios mode = mode_before;
  mode.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode);
}

SilentInput::~SilentInput() {
  if (!silenced_) return;
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode_before);
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
}

int DescriptorBuffer::sync() {
  const char* from = pbase();
  while (from < pptr() && !gone_) {
    const ssize_t n = ::write(descriptor_, from, static_cast<std::size_t>(pptr() - from));
    if (n >= 0) {
      from += n;
    } else if (errno != EINTR) {
      gone_ = true;
      if (errno != EPIPE) failure_ = errno;
    }
  }
  setp(block_.data(), block_.data() + block_.size());
  return gone_ ? -1 : 0;
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  if (sync() != 0) return traits_type::eof();
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
  }
  return traits_type::not_eof(c);
}

}  // namespace apigw::cli
