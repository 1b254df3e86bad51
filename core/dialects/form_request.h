// A request whose body is a form: the model and what else the line of rooms must know, as soon as they have come.
//
// The fields are those of OpenAI's API, which others follow: `model`, and `stream` where it stands before what is
// read. A file may follow that nobody reads here.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "dialects/dialect.h"
#include "http/form.h"

namespace apigw::dialects {

class FormRequest {
 public:
  // Error invalid: `content_type` is none of a form.
  [[nodiscard]] static Result<FormRequest> of(std::string_view content_type);

  // The next piece of the body; the `last` one may be empty. Error invalid, for the client: no form, none with one
  // model, or one that ends before its last boundary. Whoever was sent the pieces before must not get the rest then:
  // a model that is named twice may be another one to the provider than here.
  [[nodiscard]] Result<void> feed(std::string_view piece, bool last);
  // Nothing: `model` has not come yet. The places are those of the body.
  [[nodiscard]] const std::optional<RequestFacts>& facts() const { return facts_; }

 private:
  explicit FormRequest(http::FormReader reader) : reader_(std::move(reader)) {}

  http::FormReader reader_;
  std::vector<http::FormPart> parts_;  // of one piece; kept for its room
  bool stream_ = false;
  std::optional<RequestFacts> facts_;
};

}  // namespace apigw::dialects
