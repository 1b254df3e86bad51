#include "emit/lock.h"

#include <fmt/format.h>

#include "base/text.h"
#include "emit/tree.h"
#include "render/fingerprint.h"
#include "render/yaml_writer.h"

namespace apigw::emit {

std::string write_lock(const Lock& lock) {
  return render::write_pretty_json(object({{"apigw", number(1)},
                                           {"version", lock.tool},
                                           {"target", lock.target},
                                           {"source", lock.source},
                                           {"files", object(lock.files)}}));
}

Result<Lock> read_lock(std::string_view text) {
  const auto value = render::read_value(text);
  if (!value) return std::unexpected(value.error());
  const auto broken = [](std::string_view why) { return fail(ErrorKind::invalid, std::string(why)); };
  Lock lock;
  const Value* version = value->find("apigw");
  if (version == nullptr || version->text != "1") return broken("'apigw' is not 1");
  for (const auto& [name, into] :
       {std::pair{"version", &lock.tool}, {"target", &lock.target}, {"source", &lock.source}}) {
    const Value* member = value->find(name);
    if (member == nullptr || member->kind != Value::Kind::text) return broken(fmt::format("'{}' is no text", name));
    *into = member->text;
  }
  const Value* files = value->find("files");
  if (files == nullptr || files->kind != Value::Kind::object) return broken("'files' is no object");
  for (const render::Member& file : files->members) {
    if (!render::stays_below(file.name) || file.value.kind != Value::Kind::text)
      return broken(fmt::format("'files' holds '{}', which is none", text::printable(file.name, 100)));
    lock.files[file.name] = file.value.text;
  }
  return lock;
}

std::string source_hash(const Options& options) {
  Value all = object();
  for (const ConfigFile& file : options.files) put(all, file.path, text(file.text));
  for (const auto& [path, value] : options.sets) put(all, "--set " + path, text(value));
  std::string bytes;
  render::write_json(all, bytes);
  return render::fingerprint(bytes);
}

}  // namespace apigw::emit
