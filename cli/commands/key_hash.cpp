// apigw key hash: a consumer's key → the `hash:` line that may stand in a config.
//
// The key comes over stdin or is made here, never as an argument: arguments show in process lists and shell
// histories.
#include <istream>
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "output.h"
#include "policy/key.h"
#include "project.h"
#include "terminal.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_input = 64 << 10;

struct Flags {
  bool generate = false;
  std::string pepper_from = "APIGW_PEPPER";
};

std::expected<Secret, Exit> read_key(Env& env, const Globals& globals) {
  if (env.terminal.in && globals.no_input)
    return std::unexpected(complain(env, Exit::input, "no key on stdin", "pipe it in, or use --generate"));
  std::string line;
  if (env.terminal.in) {
    env.err << "Key: ";
    const SilentInput silent;
    std::getline(env.in, line);
    env.err << '\n';
  } else {
    auto piped = read_stdin(env, most_input, "pipe the key in, or use --generate");
    if (!piped) return std::unexpected(piped.error());
    line = piped->substr(0, piped->find('\n'));
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty())
    return std::unexpected(complain(env, Exit::input, "no key on stdin", "pipe it in, or use --generate"));
  if (!policy::key_form_ok(line))
    return std::unexpected(
        complain(env, Exit::input, "the key is mistyped: its checksum does not fit", "copy it again, whole"));
  return Secret{std::move(line)};
}

std::expected<Secret, Exit> make_key(Env& env) {
  auto key = policy::mint_key();
  if (!key) return std::unexpected(complain(env, Exit::world, key.error().what));
  return std::move(*key);
}

// The pepper's value, and a word on stderr about which it was: a hash fits only the pepper that it was made with.
Secret pepper(Env& env, const Globals& globals, const std::string& variable) {
  const auto found = env.environment.find(variable);
  const bool set = found != env.environment.end() && !found->second.empty();
  if (!globals.quiet && set)
    env.err << fmt::format("hashed with the pepper in {0}; the config must say `pepper: env:{0}`\n", variable);
  if (!globals.quiet && !set)
    env.err << fmt::format("hashed without a pepper: {} is not set; set it first when the config has `pepper:`\n",
                           variable);
  return Secret{set ? found->second : std::string{}};
}

Exit hash(Env& env, const Globals& globals, const Flags& flags) {
  const auto key = flags.generate ? make_key(env) : read_key(env, globals);
  if (!key) return key.error();
  const std::string hashed = policy::hash_key(pepper(env, globals, flags.pepper_from), key->expose());
  ordered_json body;
  if (flags.generate) body["key"] = key->expose();
  body["hash"] = hashed;
  return write_document(env, globals, "key", body, [&](bool) {
    return (flags.generate ? fmt::format("key: {}\n", key->expose()) : std::string{}) +
           fmt::format("hash: {}\n", hashed);
  });
}

}  // namespace

extern const Command command_key_hash;
const Command command_key_hash = {
    .name = "key hash",
    .summary = "print the hash of a consumer's key, for the config",
    .details =
        "The key is read from stdin, or asked for on a terminal. With --generate a new one is made and shown\n"
        "once.\n\n"
        "Examples:\n"
        "  apigw key hash --generate\n"
        "  printenv SHOP_KEY | apigw key hash",
    .job = Job::run,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "--generate", .doc = "make a new key, shown once"}, &flags->generate);
      options.add(
          {.names = "--pepper-from", .doc = "variable that holds the pepper (default APIGW_PEPPER)", .value = "NAME"},
          &flags->pepper_from);
      return [flags](Env& env, const Globals& globals) { return hash(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
