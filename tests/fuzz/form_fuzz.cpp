// Forms: cut anywhere the same parts, whose places lie in the body in order, or an error that stays.
#include "fuzz/law.h"
#include "http/form.h"

using namespace apigw;

namespace {

constexpr std::string_view type = "multipart/form-data; boundary=b";

struct Read {
  std::vector<http::FormPart> parts;
  bool failed = false, done = false;
};

Read read(std::string_view body, std::size_t cut) {
  Read out;
  auto reader = http::FormReader::of(type);
  for (const std::string_view piece : {body.substr(0, cut), body.substr(cut), std::string_view()}) {
    const bool ok = reader->feed(piece, out.parts).has_value();
    LAW(ok || piece.empty() || !out.done);  // what follows the last boundary is passed over
    LAW(!ok || !out.failed);                // an error stays
    out.failed = !ok;
    out.done = reader->done();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)http::FormReader::of(std::string_view(reinterpret_cast<const char*>(data), size));
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  const Read whole = read(body, body.size()), cut = read(body, data[0] % (body.size() + 1));
  LAW(whole.failed == cut.failed && whole.done == cut.done &&
      whole.parts.size() == cut.parts.size());  // a cut changes nothing
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < whole.parts.size(); ++i) {
    const http::FormPart &one = whole.parts[i], &other = cut.parts[i];
    LAW(one.name == other.name && one.begin == other.begin && one.end == other.end &&
        one.value == other.value);                                                 // a cut changes no part
    LAW(end <= one.begin && one.begin <= one.end && one.end <= body.size());       // parts lie in the body, in order
    if (!one.file) LAW(body.substr(one.begin, one.end - one.begin) == one.value);  // a value is what stands there
    end = one.end;
  }
  return 0;
}
