#include "dialects/native.h"

#include <fmt/format.h>

namespace apigw::dialects {

void write_native(JsonWriter& json, const chat::Native& native, std::string_view word, std::string_view who,
                  chat::Losses& losses) {
  const bool own = native.dialect == word;
  for (const chat::NativeField& field : native.fields) {
    if (own && field.path.find_first_of(".[") == std::string::npos && !json.has(field.path))
      json.member(field.path, field.value);
    else
      losses.add(chat::Loss::Kind::dropped, field.path, fmt::format("{} has no place for it", who));
  }
}

}  // namespace apigw::dialects
