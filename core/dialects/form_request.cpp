#include "dialects/form_request.h"

namespace apigw::dialects {

Result<FormRequest> FormRequest::of(std::string_view content_type) {
  auto reader = http::FormReader::of(content_type);
  if (!reader) return std::unexpected(std::move(reader.error()));
  return FormRequest(std::move(*reader));
}

Result<void> FormRequest::feed(std::string_view piece, bool last) {
  parts_.clear();
  if (auto read = reader_.feed(piece, parts_); !read) return read;
  for (http::FormPart& part : parts_) {
    if (part.name == "stream") stream_ = part.value == "true" || part.value == "True" || part.value == "1";
    if (part.name != "model") continue;
    if (facts_) return fail(ErrorKind::invalid, "'model' is given more than once");
    if (part.file || part.value.empty()) return fail(ErrorKind::invalid, "'model' must be a field with a name in it");
    facts_.emplace();
    facts_->model = std::move(part.value);
    facts_->model_at = {.begin = part.begin, .end = part.end, .type = json::Type::null};
    facts_->form = true;
    facts_->typed_events = true;
  }
  if (facts_) facts_->stream = stream_;
  if (!last) return {};
  if (!reader_.done()) return fail(ErrorKind::invalid, "the form ends before its last boundary");
  if (!facts_) return fail(ErrorKind::invalid, "'model' must be given");
  return {};
}

}  // namespace apigw::dialects
