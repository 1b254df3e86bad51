// The input of a request in the Responses dialect, read into turns of the hub.
//
// Items that the model made and that follow one another are one turn of the assistant: thoughts, what it said, what
// it called. Results of tools become user turns. Ids and states of items are the provider's own and say nothing here.
#include <algorithm>
#include <array>

#include "dialects/media.h"
#include "dialects/openai_responses.h"

namespace apigw::dialects::responses {

namespace {

using chat::Media;
using chat::Message;
using chat::Part;
using chat::Role;

/* -------------------------------- content ------------------------------- */

void read_text(Reading&, Fields& fields, Part& part) {
  part.content = chat::Text{fields.required("text")};
}

void read_refusal(Reading&, Fields& fields, Part& part) {
  part.content = chat::RefusalText{fields.required("refusal")};
}

// The bytes by the address, of which a file's is its own member.
void read_address(Fields& fields, std::string_view key, Media& media) {
  const auto url = fields.string(key);
  if (!url) return;
  if (auto source = source_of(*url))
    media.source = std::move(*source);
  else
    fields.refuse(key, "must be an address or a data URI whose data can be read");
}

void read_image(Reading&, Fields& fields, Part& part) {
  Media media{.kind = Media::Kind::image};
  if (!fields.peek("image_url") && !fields.peek("file_id")) fields.refuse("image_url", "or a file_id must be given");
  media.detail = fields.string("detail").value_or(std::string());
  read_address(fields, "image_url", media);
  media.source.file_id = fields.string("file_id").value_or(std::string());
  part.content = std::move(media);
}

void read_file(Reading&, Fields& fields, Part& part) {
  Media media{.kind = Media::Kind::document};
  if (!fields.peek("file_data") && !fields.peek("file_id") && !fields.peek("file_url"))
    fields.refuse("file_data", "or a file_id or file_url must be given");
  openai::read_file_members(fields, media);
  if (fields.peek("file_url") && media.source.base64.empty()) {
    std::string file_id = std::move(media.source.file_id);
    read_address(fields, "file_url", media);
    media.source.file_id = std::move(file_id);
  }
  part.content = std::move(media);
}

// Which content a kind may stand in, by Of.
enum class Of : std::uint8_t { system, user, assistant, result };
struct Kind {
  std::string_view type;
  void (*read)(Reading&, Fields&, Part&);
  std::array<bool, 4> allowed;
};
constexpr auto kinds = std::to_array<Kind>({
    {"input_text", read_text, {true, true, true, true}},
    {"output_text", read_text, {true, true, true, true}},
    {"text", read_text, {true, true, true, true}},  // as clients write it that came from chat completions
    {"refusal", read_refusal, {false, false, true, false}},
    {"input_image", read_image, {false, true, false, true}},
    {"input_file", read_file, {false, true, false, true}},
    {"input_audio", openai::read_audio, {false, true, false, false}},
});

void read_part(Reading& in, json::Slice slice, std::string path, Of of, std::vector<Part>& parts) {
  Fields fields(in, slice, path);
  const std::string type = fields.required("type");
  const auto kind = std::ranges::find(kinds, type, &Kind::type);
  if (in.error) return;
  if (kind == kinds.end() || !kind->allowed[static_cast<std::size_t>(of)]) return in.keep(std::move(path), slice);
  Part part{.content = {}, .cache = {}, .place = std::move(path)};
  kind->read(in, fields, part);
  part.cache = openai::read_cache_mark(in, fields);
  pass_over_empty(in, fields);
  fields.keep_rest();
  parts.push_back(std::move(part));
}

void read_content(Reading& in, json::Slice content, const std::string& path, Of of, std::vector<Part>& parts) {
  if (auto text = json::string_at(in.text, content)) {
    parts.push_back({chat::Text{std::move(*text)}, {}, path});
    return;
  }
  if (content.type != json::Type::array) return in.refuse(path, "must be a string or an array of parts");
  const auto elements = in.elements(content, path);
  for (std::size_t i = 0; i < elements.size(); ++i) read_part(in, elements[i], element(path, i), of, parts);
}

/* --------------------------------- items -------------------------------- */

struct RoleRow {
  std::string_view word;
  Role role;
  Of of;
};
constexpr auto roles = std::to_array<RoleRow>({
    {"system", Role::system, Of::system},
    {"developer", Role::system, Of::system},
    {"user", Role::user, Of::user},
    {"assistant", Role::assistant, Of::assistant},
});

class Input {
 public:
  Input(Reading& in, std::vector<Message>& messages) : in_(in), messages_(messages) {}

  void read(json::Slice slice, std::string path) {
    Fields fields(in_, slice, std::move(path));
    const std::string type = fields.string("type").value_or("message");
    if (in_.error) return;
    const auto row = std::ranges::find(rows, type, &Row::type);
    if (row == rows.end()) return in_.keep(fields.path(), slice);  // of a tool that the provider runs
    for (const std::string_view own : {"id", "status"}) (void)fields.take(own);
    (this->*row->read)(fields);
    fields.keep_rest();
  }

 private:
  struct Row {
    std::string_view type;
    void (Input::*read)(Fields&);
  };
  static const std::array<Row, 6> rows;

  Message& turn(Role role, const Fields& fields) {
    const bool goes_on = role == Role::assistant && !messages_.empty() && messages_.back().role == role;
    if (!goes_on) messages_.push_back({.role = role, .parts = {}, .name = {}, .place = fields.path()});
    return messages_.back();
  }

  void message(Fields& fields) {
    const std::string word = fields.required("role");
    if (in_.error) return;
    const auto role = std::ranges::find(roles, word, &RoleRow::word);
    if (role == roles.end()) return fields.refuse("role", "must be system, developer, user or assistant");
    const auto content = fields.take("content");
    if (!content) return fields.refuse("content", "must be given");
    read_content(in_, *content, fields.path("content"), role->of, turn(role->role, fields).parts);
  }

  void reasoning(Fields& fields) {
    chat::Reasoning thought = read_thought(in_, fields);
    turn(Role::assistant, fields).parts.push_back({std::move(thought), {}, fields.path()});
  }

  // Arguments stand in a string; what a provider gets of them must be an object.
  void call(Fields& fields) {
    chat::ToolCall made{.id = fields.required("call_id"), .name = fields.required("name")};
    std::string text = fields.required("arguments");
    if (in_.error) return;
    if (text.find_first_not_of(" \t\r\n") != std::string::npos) {
      const auto scanned = json::scan(text);
      if (!scanned || scanned->root.type != json::Type::object)
        return fields.refuse("arguments", "must be a JSON object, written as a string");
      made.arguments.text = std::move(text);
    }
    turn(Role::assistant, fields).parts.push_back({std::move(made), {}, fields.path()});
  }

  void result(Fields& fields) {
    chat::ToolResult result{.call_id = fields.required("call_id")};
    if (const auto output = fields.take("output"))
      read_content(in_, *output, fields.path("output"), Of::result, result.content);
    else
      fields.refuse("output", "must be given");
    turn(Role::user, fields).parts.push_back({std::move(result), {}, fields.path()});
  }

  void reference(Fields& fields) {
    fields.refuse("type", "names an item that only its provider keeps; send the item itself");
  }
  void compacted(Fields& fields) {
    fields.refuse("type", "is a conversation that only its provider can read; send the items themselves");
  }

  Reading& in_;
  std::vector<Message>& messages_;
};

const std::array<Input::Row, 6> Input::rows = {{
    {"message", &Input::message},
    {"reasoning", &Input::reasoning},
    {"function_call", &Input::call},
    {"function_call_output", &Input::result},
    {"item_reference", &Input::reference},
    {"compaction", &Input::compacted},
}};

}  // namespace

void read_input(Reading& in, Fields& request, std::vector<Message>& messages) {
  if (auto text = request.string("instructions"); text && !text->empty()) {
    messages.push_back({.role = Role::system,
                        .parts = {{chat::Text{std::move(*text)}, {}, "instructions"}},
                        .name = {},
                        .place = "instructions"});
  }
  const auto input = request.take("input");
  if (!input) return request.refuse("input", "must be given and be a string or an array of items");
  if (auto text = json::string_at(in.text, *input)) {
    messages.push_back(
        {.role = Role::user, .parts = {{chat::Text{std::move(*text)}, {}, "input"}}, .name = {}, .place = "input"});
    return;
  }
  if (input->type != json::Type::array) return request.refuse("input", "must be a string or an array of items");
  const auto elements = in.elements(*input, "input");
  if (elements.empty()) request.refuse("input", "must hold at least one item");
  Input reader(in, messages);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) reader.read(elements[i], element("input", i));
  if (messages.empty()) request.refuse("input", "holds nothing that a provider of another dialect could be told");
}

}  // namespace apigw::dialects::responses
