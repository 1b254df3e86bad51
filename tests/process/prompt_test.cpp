// `prompt run`, `prompt test` and `chat` of the real binary: a gateway of their own, or the one that runs.
#include <csignal>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/process.h"

using namespace support;

namespace {

constexpr std::string_view config = "apigw: 1\nmodels: { chat: mock/chat, broken: mock/fail-500 }\n";
constexpr std::string_view mood =
    "---\nmodel: chat\ninput:\n  schema: { text: string }\noutput:\n  schema: { mood(enum): [good, bad] }\n---\n"
    "{{role \"system\"}}Judge.{{role \"user\"}}{{text}}\n";
constexpr std::string_view tests =
    "cases:\n  - name: praise\n    vars: { text: I love it }\n    expect: { equals: { mood: good } }\n"
    "  - name: blame\n    vars: { text: I hate it }\n    answer: { mood: bad }\n"
    "    expect: { json-path: { $.mood: bad }, max-latency: 20s }\n";

struct Project {
  TempDir dir;
  Project() {
    dir.write("apigw.yaml", config);
    dir.write("prompts/mood.prompt", mood);
    dir.write("prompts/mood.test.yaml", tests);
  }
  // "exit 0: what it printed"
  [[nodiscard]] std::string run(std::vector<std::string> arguments, std::string input = "") const {
    arguments.insert(arguments.begin(), apigw_binary());
    Process process(
        std::move(arguments),
        {.directory = dir.path(), .environment = {{"XDG_RUNTIME_DIR", dir.path()}}, .input = std::move(input)});
    const Ended ended = process.wait();
    INFO(process.err());
    CHECK(ended.signal == 0);
    return "exit " + std::to_string(ended.code) + ": " + process.out();
  }
};

}  // namespace

TEST_CASE("prompt run answers from the test cases, with no gateway running and with one") {
  const Project project;
  const std::string answer = "exit 0: {\n  \"mood\": \"good\"\n}\n";
  CHECK(project.run({"prompt", "run", "mood", "--var", "text=I love it"}) == answer);
  CHECK(project.run({"prompt", "run", "mood"}, "I love it\n") == answer);
  CHECK(project.run({"prompt", "run", "mood", "--var", "txt=x"}) == "exit 2: ");
  CHECK(project.run({"prompt", "run", "mood"}) == "exit 2: ");  // an empty stdin gives no variable
  CHECK(project.run({"prompt", "run", "mood", "--var", "text=x", "-d", "{}"}) == "exit 2: ");
  for (const char* const command : {"run", "test"})
    CHECK(project.run({"prompt", command, "mood", "-o", "bogus"}) == "exit 2: ");
  Process gateway({apigw_binary(), "run", "--set", "listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"},
                  {.directory = project.dir.path(), .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}}});
  gateway.wait_for("export OPENAI_BASE_URL");
  CHECK(project.run({"prompt", "run", "mood", "--var", "text=I love it"}) == answer);
  gateway.wait_for("prompt/mood");  // its log: it was asked
  const std::string shown =
      project.run({"explain", "POST", "/v1/chat/completions", "-d",
                   R"({"model":"prompt/mood","messages":[{"role":"user","content":"I love it"}]})"});
  CHECK_MESSAGE((shown.starts_with("exit 0: ") && shown.contains("Judge.")), shown);
  CHECK(project.run({"chat", "prompt/mood", "I love it"}).contains("good"));
  CHECK(project.run({"chat", "mock/fail-429", "Hello"}) == "exit 3: ");
  CHECK(project.run({"chat", "openai/gpt-5", "Hello"}) == "exit 2: ");
  CHECK(project.run({"chat", "what", "is", "this?"}).starts_with("exit 0: "));  // as near to `chat` as it is
  CHECK(project.run({"call", "mood", "-d", R"({"text":"I hate it"})"}).contains(R"({"output":{"mood":"bad"},)"));
  // A prompt that is saved is another API, without a restart.
  project.dir.save("prompts/hello.prompt", "---\nmodel: chat\n---\nSay hello to {{name}}");
  gateway.wait_for("reloaded prompts/hello.prompt: ");
  CHECK(project.run({"call", "POST", "/prompts/hello", "-d", R"({"nam":1})"}).starts_with("exit 1: "));
  gateway.signal(SIGTERM);
  CHECK(gateway.wait().code == 0);
}

TEST_CASE("a provider without a key that it takes is exit 4, whichever command asked it") {
  const Project project;
  project.dir.save("apigw.yaml",
                   "apigw: 1\nproviders: { openai: {} }\nmodels: { chat: mock/fail-401, off: openai/gpt-5-mini }\n");
  CHECK(project.run({"prompt", "run", "mood", "--var", "text=I love it"}) == "exit 4: ");
  CHECK(project.run({"chat", "chat", "Hello"}) == "exit 4: ");
  CHECK(project.run({"chat", "off", "Hello"}) == "exit 4: ");
}

TEST_CASE("a broken test file stops prompt test and validate, and no gateway") {
  const Project project;
  project.dir.save("prompts/mood.test.yaml", "cases:\n  - name: idle\n    vars: { text: a }\n");
  for (const char* const command : {"run", "serve"}) {
    Process gateway(
        {apigw_binary(), command, "--set", "listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0", "--set",
         "admin.key=env:ADMIN_KEY"},
        {.directory = project.dir.path(),
         .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}, {"ADMIN_KEY", "test-key-0123456789abcdef"}}});
    CHECK(gateway.wait_for("AGW631") == "prompts/mood.test.yaml:2:5: warning[AGW631]: 'idle' expects nothing");
    gateway.wait_for("gateway ");
    gateway.signal(SIGTERM);
    CHECK(gateway.wait().code == 0);
  }
  CHECK(project.run({"prompt", "run", "mood", "--var", "text=I love it"}).starts_with("exit 0: "));
  CHECK(project.run({"prompt", "test"}) == "exit 2: ");
  CHECK(project.run({"validate"}).starts_with("exit 1: prompts/mood.test.yaml:2:5: error[AGW631]: "));
}

TEST_CASE("a mistyped model of chat is answered with what was meant") {
  const Project project;
  Process chat({apigw_binary(), "chat", "mokc/x", "Hello"},
               {.directory = project.dir.path(), .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}}});
  CHECK(chat.wait().code == 2);
  CHECK(chat.err() ==
        "error: there is no model 'mokc/x'\n help: did you mean 'mock/x'? Quote a message that begins with that "
        "word\n");
}

TEST_CASE("a first word that is nearly a model's name and no plain word is a mistake, any other is text") {
  const Project project;
  project.dir.save("apigw.yaml", "apigw: 1\nmodels: { gpt-5: mock/chat, chat: mock/chat, claude-*: mock/chat }\n");
  // "exit 0: what it said on stderr"
  const auto said = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {apigw_binary(), "chat"});
    Process chat(std::move(words),
                 {.directory = project.dir.path(), .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}}});
    const int code = chat.wait().code;
    return "exit " + std::to_string(code) + ": " + chat.err();
  };
  CHECK(
      said({"gtp-5", "hi"}) ==
      "exit 2: error: there is no model 'gtp-5'\n help: did you mean 'gpt-5'? Quote a message that begins with that "
      "word\n");
  CHECK(said({"what", "is", "this?"}) == "exit 0: note: 'what' is taken as text; did you mean the model 'chat'?\n");
  CHECK(said({"gtp-5"}) == "exit 0: note: 'gtp-5' is taken as text; did you mean the model 'gpt-5'?\n");
  CHECK(said({"gtp-5 hi"}) == "exit 0: ");
  CHECK(said({"-q", "gtp-5"}) == "exit 0: ");
  CHECK(said({"gpt-5", "hi"}) == "exit 0: ");
  CHECK(said({"llama-4-scout", "tell elephant"}) ==
        "exit 0: note: 'llama-4-scout' is no model, so it is part of what 'gpt-5' is asked\n");
  CHECK(said({"-q", "llama-4-scout", "tell elephant"}) == "exit 0: ");
  CHECK(said({"claude-*", "hi"}) ==
        "exit 2: error: 'claude-*' is a pattern, which no model has as its name\n help: name a model that fits it\n");
}

TEST_CASE("prompt test tells passed, failed and broken apart") {
  const Project project;
  CHECK(project.run({"prompt", "test"}).starts_with("exit 0: mood\tpraise\tpassed\t"));
  project.dir.save("prompts/mood.test.yaml",
                   std::string(tests) +
                       "  - name: wrong\n    vars: { text: so so }\n    answer: { mood: good }\n"
                       "    expect: { equals: { mood: bad } }\n");
  const std::string failed = project.run({"prompt", "test", "mood", "-j", "1"});
  CHECK(failed.starts_with("exit 1: mood\tpraise\tpassed\t"));
  CHECK(failed.contains("mood\twrong\tfailed\t"));
  CHECK(failed.contains("equals: is {\"mood\":\"good\"}, not {\"mood\":\"bad\"}"));
  std::string broken(mood);
  broken.replace(broken.find("chat"), 4, "broken");
  project.dir.save("prompts/mood.prompt", broken);
  CHECK(project.run({"prompt", "test"}).starts_with("exit 1: "));  // the mock stands in for the model that is broken
  const std::string live = project.run({"prompt", "test", "--live", "-o", "junit"});
  CHECK(live.starts_with("exit 3: <?xml"));
  CHECK(live.contains("tests=\"3\" failures=\"0\" errors=\"3\""));
}

TEST_CASE("an answer that the limit cut is noted, and a refusal is no answer") {
  FakeUpstream upstream;
  const Project project;
  project.dir.save("prompts/say.prompt", "---\nmodel: chat\n---\nSay {{what}}\n");
  project.dir.save("prompts/say.test.yaml",
                   "cases:\n  - name: any\n    vars: { what: x }\n    expect: { regex: '^' }\n");
  // "exit 0: what it printed, what it said on stderr"
  const auto said = [&](const std::string& reason, std::vector<std::string> words) {
    project.dir.save("apigw.yaml", "apigw: 1\nproviders: { near: { dialect: openai, url: " + upstream.url() +
                                       "/finish/" + reason + " } }\nmodels: { chat: near/x }\n");
    words.insert(words.begin(), {apigw_binary(), "prompt"});
    Process process(std::move(words),
                    {.directory = project.dir.path(), .environment = {{"XDG_RUNTIME_DIR", project.dir.path()}}});
    const int code = process.wait().code;
    return "exit " + std::to_string(code) + ": " + process.out() + ", " + process.err();
  };
  const std::vector<std::string> run{"run", "say", "--var", "what=x"};
  CHECK(said("stop", run) == "exit 0: Hel\n, ");
  CHECK(said("length", run) ==
        "exit 0: Hel\n, note: the limit of its length cut the answer; the prompt's maxOutputTokens and the model's "
        "output set it\n");
  CHECK(said("content_filter", run) == "exit 1: , error: the model refused to answer: Hel\n");
  const std::vector<std::string> test{"test", "say", "--live", "-o", "csv"};
  CHECK(said("stop", test).starts_with("exit 0: "));
  const std::string cut = said("length", test), refused = said("content_filter", test);
  CHECK(cut.starts_with("exit 0: "));
  CHECK(cut.contains("the limit of its length cut the answer"));
  CHECK(refused.starts_with("exit 1: "));
  CHECK(refused.contains("say,any,failed,"));
  CHECK(refused.contains("the model refused to answer: Hel"));
  CHECK(refused.contains("0 passed, 1 failed, 0 errors"));
}

TEST_CASE("prompt test tells of tests that belong to no prompt, as validate does") {
  const Project project;
  project.dir.write("prompts/moood.test.yaml", tests);
  const auto ended = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), apigw_binary());
    Process process(std::move(arguments), {.directory = project.dir.path()});
    const int code = process.wait().code;
    return std::to_string(code) + ": " + process.err();
  };
  const std::string finding = "prompts/moood.test.yaml:1:1: warning[AGW634]: there is no prompt 'moood' to test\n";
  CHECK(ended({"prompt", "test"}) == "0: " + finding + "2 passed, 0 failed, 0 errors\n");
  CHECK(ended({"prompt", "test", "-q"}) == "0: ");
  REQUIRE(::unlink((project.dir / "prompts/mood.test.yaml").c_str()) == 0);
  CHECK(ended({"prompt", "test"}).starts_with("2: " + finding + "error: there are no tests\n"));
}

TEST_CASE("chat answers once, in JSON, from a pipe and as a conversation") {
  const Project project;
  CHECK(project.run({"chat", "What is 2 + 3?"}).contains("5"));
  CHECK(project.run({"chat", "mock/other", "Hello", "-o", "json"}).contains("\"kind\": \"chat-answer\""));
  CHECK(project.run({"chat"}, "What is 2 + 3?\n").starts_with("exit 0: "));
  CHECK(project.run({"chat", "broken", "Hello"}).starts_with("exit 3: "));
}
