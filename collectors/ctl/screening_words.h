// The words of screening, for people and JSON. Pure functions, any thread.
#pragma once

#include <shouwang/v1/screening.pb.h>

#include <string>
#include <string_view>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

// "copied_values", "finding"; "" where unset.
std::string Word(v1::Screen screen);
std::string Word(v1::ScreenState state);

// "数值沿用" and the like in Chinese, "copied values" in English.
std::string Shown(v1::Screen screen, Language language);
std::string Shown(v1::ScreenState state, Language language);

// What the screen looks for, and what else may explain it: one line.
std::string_view Meaning(v1::Screen screen, Language language);
// What the number of an example is.
std::string_view ValueTitleZh(v1::Screen screen);
std::string_view ValueTitleEn(v1::Screen screen);

// "34.5%".
std::string PerCentText(double share);
// "0.0123", "<0.0001".
std::string ProbabilityText(double probability);

}  // namespace shouwang::ctl
