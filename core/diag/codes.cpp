// Every diagnostic that apigw knows: one row a code, sorted by number. A row here has a page in pages/ and a fixture.
//
// A number is never given a second meaning; a retired one stays free.
#include "diag/diagnostic.h"

namespace apigw::diag {
namespace {

using enum Severity;

constexpr Code table[] = {
    // 1xx: the text is no YAML that apigw reads
    {101, error, "broken YAML"},
    {102, error, "tab in the indentation"},
    {103, error, "duplicate key"},
    {104, error, "unclosed quote"},
    {105, error, "unmatched bracket"},
    {106, error, "'${…}' cut by a brace"},
    {107, error, "unquoted value starting with '*'"},
    {108, warning, "ignore comment that ignores nothing"},
    {109, error, "unknown alias"},
    {110, error, "several documents in one file"},
    {111, error, "key that is not a word"},
    {112, error, "merge of something that is not a mapping"},
    {113, error, "unknown tag"},
    {114, error, "file too large"},
    {115, error, "nested too deeply"},
    {116, error, "too many values"},
    {117, error, "text that is not UTF-8"},
    {118, error, "value too long"},
    {119, error, "inconsistent indentation"},
    {120, error, "colon in the wrong place"},
    {121, error, "unquoted value starting with a reserved character"},
    {122, error, "unknown escape in a quoted value"},

    // 2xx: the shape of the config
    {201, error, "unknown field"},
    {202, error, "value of the wrong shape"},
    {203, error, "malformed value"},
    {204, error, "value out of range"},
    {205, error, "unknown word"},
    {206, error, "not true or false"},
    {207, error, "not enforced by this version yet"},
    {209, error, "missing version line"},
    {210, error, "unknown version of the format"},
    {211, error, "something is missing"},
    {212, error, "malformed limit"},
    {213, error, "variable not set"},
    {214, error, "malformed variable reference"},
    {215, error, "unusable name"},
    {216, error, "too many of them"},
    {217, error, "field in the wrong place"},
    {218, error, "include that matches nothing"},
    {219, error, "include of itself"},
    {220, error, "unreadable file"},
    {221, error, "unknown profile"},
    {222, error, "--set without a place"},

    // 3xx: what the config means
    {301, error, "unusable URL"},
    {302, error, "unusable address"},
    {303, error, "unusable header name"},
    {304, error, "unusable header value"},
    {305, error, "unusable path"},
    {306, error, "unknown method"},
    {307, error, "strip that is no prefix"},
    {308, error, "unknown path variable"},
    {309, error, "redirect loop"},
    {310, error, "unusable redirect status"},
    {311, error, "unusable proxy"},
    {312, error, "host that never matches"},
    {313, error, "header that the gateway manages"},
    {314, error, "unusable image"},
    {321, error, "unknown provider"},
    {322, error, "unknown service"},
    {323, error, "unknown model"},
    {324, error, "provider without address"},
    {325, error, "unknown dialect"},
    {326, error, "target without model"},
    {327, error, "service without usable address"},
    {331, error, "duplicate route"},
    {332, error, "unreachable route"},
    {333, error, "name declared in two files"},
    {334, error, "address taken twice"},
    {335, warning, "unused provider"},
    {336, warning, "unused service"},
    {337, error, "circle of models"},
    {338, error, "circle of calls"},
    {339, error, "fields that exclude each other"},
    {340, error, "certificate without key"},
    {341, error, "variable that apigw sets"},
    {342, error, "two services for one variable"},
    {343, error, "model name that means a prompt"},
    {344, warning, "known provider elsewhere without key"},
    {345, warning, "dialect that the address does not speak"},
    {346, warning, "service at the gateway's own address"},
    {351, error, "unknown operation"},
    {352, error, "operation of another route"},
    {353, error, "operation that cannot be judged"},
    {354, warning, "not judged of an operation"},

    // 4xx: security
    {401, error, "key written into the config"},
    {402, error, "open to everybody"},
    {403, error, "secret that is no reference"},
    {404, error, "secret file that others may read"},
    {405, error, "secret that cannot be read"},
    {406, warning, "certificates not verified"},
    {407, error, "admin API off loopback"},
    {408, error, "admin API without key"},
    {409, error, "malformed key hash"},
    {410, warning, "key sent unencrypted"},
    {411, error, "key hash without pepper"},
    {412, error, "credentials in a URL"},
    {414, error, "key of two consumers"},
    {415, error, "none beside another authenticator"},
    {416, warning, "keys asked for and none given"},
    {417, warning, "key that is easy to guess"},

    // 5xx: reliability
    {501, warning, "fallback to the same target"},
    {502, warning, "model without callable target"},
    {503, error, "instances that would have to share"},

    // 6xx: prompts
    {601, error, "unclosed settings"},
    {602, error, "unclosed tag"},
    {603, error, "unclosed block"},
    {604, error, "stray end of a block"},
    {605, error, "unknown template construct"},
    {606, error, "malformed tag"},
    {607, error, "unknown role"},
    {608, error, "template too large"},
    {609, error, "prompt without text"},
    {611, error, "unknown variable"},
    {612, warning, "unused variable"},
    {613, error, "default that breaks its schema"},
    {614, error, "prompt without model"},
    {615, error, "unknown model of a prompt"},

    {617, error, "settings for no prompt"},
    {620, error, "unusable prompt name"},
    {621, warning, "prompt in a subfolder"},
    {631, error, "test without expectation"},
    {632, error, "unusable expectation"},
    {633, error, "test with variables that are refused"},
    {634, warning, "tests of no prompt"},
    {635, error, "cases of two kinds in one file"},
    {636, error, "unusable call of a test"},
    {637, warning, "test of no route"},
    {638, warning, "two answers for one call"},
    {641, error, "unknown type in a schema"},
    {642, error, "malformed Picoschema"},
    {643, error, "malformed JSON Schema"},
    {644, error, "schema keyword without effect"},

    // 70x and 71x: what emit cannot write, or not as it was meant
    {701, error, "nothing to deploy it from"},
    {702, error, "name that cannot be deployed"},
    {703, error, "patch that does not apply"},
    {704, error, "too large to be deployed"},
    {711, warning, "lost in what emit writes"},
    {712, note, "written only nearly"},

    // 72x: what import cannot read, or not as it was meant
    {720, error, "nothing that can be imported"},
    {722, note, "imported only nearly"},
    {723, note, "secret that is not copied"},
    {724, warning, "lost in the import"},
    {725, warning, "left out until it is enforced"},
    {726, warning, "part that cannot be imported"},

    // 8xx: Kubernetes manifests. An error is what the API refuses, a note what is a matter of taste.
    {800, error, "document that is no object"},
    {801, error, "API version that is gone"},
    {802, error, "label that Kubernetes refuses"},
    {803, note, "instance label of another name"},
    {805, warning, "IPC namespace of the host"},
    {806, warning, "network of the host"},
    {807, warning, "processes of the host"},
    {808, warning, "token for the cluster's API"},
    {809, warning, "account in the old field"},
    {810, warning, "missing service account"},
    {811, warning, "path of the host"},
    {812, warning, "system path of the host"},
    {813, warning, "socket of the container runtime"},
    {814, warning, "unsafe kernel parameter"},
    {815, warning, "process of the host"},
    {816, warning, "pods that may share one node"},
    {817, note, "pods not spread over zones"},
    {818, warning, "spread constraint without effect"},
    {819, note, "no priority"},
    {820, warning, "no network policy"},
    {825, warning, "privileged container"},
    {826, warning, "privileges that can be gained"},
    {827, warning, "container that may run as root"},
    {828, warning, "user that may be the host's"},
    {829, warning, "writable root file system"},
    {830, warning, "dangerous capability"},
    {831, warning, "capabilities kept"},
    {832, warning, "system calls unrestricted"},
    {833, warning, "port of the host"},
    {834, warning, "port of SSH"},
    {835, warning, "unmasked /proc"},
    {836, warning, "secret in a variable"},
    {837, warning, "variable given twice"},
    {838, warning, "image without a fixed version"},
    {839, warning, "image that is not asked for again"},
    {840, warning, "no CPU request"},
    {841, warning, "no CPU limit"},
    {842, warning, "no memory request"},
    {843, warning, "no memory limit"},
    {844, warning, "no bounds of disk"},
    {845, warning, "no readiness probe"},
    {846, warning, "no liveness probe"},
    {847, warning, "probes that ask the same"},
    {848, warning, "probe of an undeclared port"},
    {849, error, "unusable port name"},
    {855, error, "selector that misses its pods"},
    {856, warning, "replicas beside an autoscaler"},
    {857, warning, "one replica"},
    {858, warning, "rollout that interrupts"},
    {859, warning, "no disruption budget"},
    {860, warning, "stateful set without headless service"},
    {861, warning, "cron job without deadline"},
    {862, error, "job that restarts for ever"},
    {863, warning, "job kept too long or too short"},
    {865, warning, "service without pods"},
    {866, warning, "port on every node"},
    {867, error, "unusable target port"},
    {868, warning, "ingress to no service"},
    {869, warning, "ingress without TLS"},
    {870, warning, "network policy without pods"},
    {875, warning, "budget without limit"},
    {876, warning, "budget that allows no eviction"},
    {877, warning, "budget that keeps every pod"},
    {878, warning, "budget that waits for the sick"},
    {880, warning, "autoscaler without target"},
    {881, warning, "autoscaler down to one pod"},
    {882, warning, "autoscaler without room"},
    {885, warning, "secret in a ConfigMap"},
    {886, warning, "role that enters pods"},
    {887, warning, "binding that enters pods"},
    {888, warning, "binding of all powers"},
};

static_assert(std::ranges::is_sorted(table, {}, &Code::number));

}  // namespace

std::span<const Code> codes() {
  return table;
}

const Code* find_code(int number) {
  const auto* row = std::ranges::lower_bound(table, number, {}, &Code::number);
  return row != std::end(table) && row->number == number ? row : nullptr;
}

std::string code_name(int number) {
  return fmt::format("AGW{:03}", number);
}

namespace pages {
std::span<const std::pair<std::string_view, std::string_view>> embedded();  // generated, see folder.cmake
}

std::string_view page(int number) {
  const std::string file = code_name(number) + ".md";
  for (const auto& [name, bytes] : pages::embedded()) {
    if (name == file) return bytes;
  }
  return {};
}

}  // namespace apigw::diag
