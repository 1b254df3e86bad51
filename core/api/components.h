// The named schemas of the gateway's document: its own, those that operations of services' documents refer to, and
// the definitions of prompts' schemas. Of two with one name the later is NAME_2.
#pragma once
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "contract/schema_text.h"

namespace apigw::api {

class Components {
 public:
  using Json = nlohmann::ordered_json;
  using Texts = contract::NamedSchemas::Texts;

  Components();

  // Leads the references of what was described with `texts`, which outlive this, to the components here.
  void lead(Json& value, const Texts& texts) { lead(value, texts, component); }

  // A schema whose definitions become components. One that refers to anything else than a definition of its own keeps
  // them, and its references, to itself, under the name `id`. `text`: JSON; what is none becomes {}.
  [[nodiscard]] Json take_in(const std::string& text, const std::string& id);

  // The Components Object.
  [[nodiscard]] Json json() &&;

 private:
  static constexpr std::string_view component = "#/components/schemas/", definition = "#/$defs/";

  struct Unread {
    std::string name;
    const std::string* text;
    const Texts* from;
    std::string_view place;
  };

  // `place`: how references to `texts` begin.
  void lead(Json& value, const Texts& texts, std::string_view place);
  void lead_one(Json& value, const Texts& texts, std::string_view place, bool named = false);
  const std::string& name_of(const std::string& given, const Texts& texts, std::string_view place);
  [[nodiscard]] bool same(const std::string& name, const std::string& text) const;

  std::map<std::string, std::string> schemas_;  // JSON
  std::map<std::pair<const Texts*, std::string>, std::string> names_;
  std::vector<Unread> unread_;
  std::list<Texts> definitions_;  // of schemas that were taken in
};

}  // namespace apigw::api
