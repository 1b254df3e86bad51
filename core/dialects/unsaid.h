// What the frames of a stream hold that has no form in the hub, told as events: each place once a stream.
//
// Costs nothing where nothing is lost. Bounded: after `most` places no more are told, and of a place no more than
// `longest` bytes, because a hostile provider can name a new one in every frame.
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "chat/loss.h"
#include "chat/reply.h"
#include "dialects/native.h"
#include "dialects/reading.h"

namespace apigw::dialects {

class Unsaid {
 public:
  static constexpr std::size_t most = chat::Losses::kept;
  static constexpr std::size_t longest = 256;

  void tell(std::string place, std::vector<chat::Event>& events) {
    if (told_.size() == most) return;
    if (place.empty()) place = R"("")";  // a member of that name
    if (place.size() > longest) place = text::printable(place, longest);
    if (std::ranges::find(told_, place) != told_.end()) return;
    events.emplace_back(chat::Unsaid{place});
    told_.push_back(std::move(place));
  }

  // What nobody took of `fields`, less the members `quiet`. `place` gives their path and is called only where there
  // is something to tell.
  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet, const Place& place,
                 std::vector<chat::Event>& events) {
    fields.each_rest([&](const json::Member& member) {
      if (std::ranges::find(quiet, member.key) == quiet.end() && !tells_nothing(in.text, member.value))
        tell(inside(place(), member.key), events);
    });
  }
  // What a reading kept of the objects whose paths begin at `place`.
  template <class Place>
  void tell_kept(Reading& in, const Place& place, std::vector<chat::Event>& events) {
    for (const chat::NativeField& field : in.native.fields) tell(inside(place(), field.path), events);
    in.native.fields.clear();
  }

 private:
  std::vector<std::string> told_;
};

}  // namespace apigw::dialects
