#include "collectors/ctl/screening_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

struct ScreenWords {
  v1::Screen screen;
  std::string_view word;
  std::string_view zh;
  std::string_view meaning_zh;
  std::string_view meaning_en;
  std::string_view value_zh;
  std::string_view value_en;
};

constexpr std::array<ScreenWords, 7> kScreens = {{
    {v1::SCREEN_COPIED_VALUES, "copied_values", "数值沿用",
     "本月金额与上月完全相同；固定收入已按同类排除。也可能当月确无变化。",
     "Amounts equal to the month before; those that are constant for everybody are left out. They "
     "may "
     "also not have changed.",
     "金额（元）", "YUAN"},
    {v1::SCREEN_COPIED_REPORTS, "copied_reports", "整表沿用",
     "一户当月所有金额与上月完全相同。也可能是同一张表交了两次。",
     "All amounts of a household equal to the month before. The same sheet may have been sent for "
     "two "
     "months.",
     "金额个数", "AMOUNTS"},
    {v1::SCREEN_ROUND_AMOUNTS, "round_amounts", "整数堆积",
     "整百、整千的金额多于同类。也可能是农户只记得约数。",
     "More round amounts than the peers'. Households may remember round sums only.", "金额（元）",
     "YUAN"},
    {v1::SCREEN_LAST_DIGITS, "last_digits", "尾数异常",
     "金额尾数分布与同类不同。也可能是当地某项补贴金额固定。",
     "Last digits are spread unlike the peers'. A local allowance of a fixed amount may do so.", "",
     ""},
    {v1::SCREEN_ABOVE_LINE, "above_line", "线上聚集",
     "收入刚好在线上的户多于同类。也可能是帮扶正好使其过线。",
     "More incomes just above the line than the peers have. Support may have lifted them just over "
     "it.",
     "人均收入（元）", "YUAN PER PERSON"},
    {v1::SCREEN_ENTRY_SPEED, "entry_speed", "录入过快",
     "一日或一小时内的走访多于常理，或在夜间录入。也可能是补录，日期从简。",
     "More visits in a day or an hour than is plausible, or entered at night. It may be a backlog "
     "that "
     "was dated in a lump.",
     "走访户数", "VISITS"},
    {v1::SCREEN_UNSPECIFIED, "", "", "", "", "", ""},
}};

const ScreenWords& WordsOf(v1::Screen screen) {
  const auto* const found = std::ranges::find(kScreens, screen, &ScreenWords::screen);
  return found == kScreens.end() ? kScreens.back() : *found;
}

std::string WithBlanks(std::string word) {
  std::ranges::replace(word, '_', ' ');
  return word;
}

}  // namespace

std::string Word(v1::Screen screen) { return std::string(WordsOf(screen).word); }

std::string Word(v1::ScreenState state) {
  switch (state) {
    case v1::SCREEN_STATE_UNREMARKABLE:
      return "unremarkable";
    case v1::SCREEN_STATE_FINDING:
      return "finding";
    case v1::SCREEN_STATE_TOO_FEW_VALUES:
      return "too_few_values";
    case v1::SCREEN_STATE_TOO_FEW_PEERS:
      return "too_few_peers";
    default:
      return "";
  }
}

std::string Shown(v1::Screen screen, Language language) {
  if (language == Language::kEnglish) return WithBlanks(Word(screen));
  return std::string(WordsOf(screen).zh);
}

std::string Shown(v1::ScreenState state, Language language) {
  if (language == Language::kEnglish) return WithBlanks(Word(state));
  switch (state) {
    case v1::SCREEN_STATE_UNREMARKABLE:
      return "无异常";
    case v1::SCREEN_STATE_FINDING:
      return "提示";
    case v1::SCREEN_STATE_TOO_FEW_VALUES:
      return "数据不足";
    case v1::SCREEN_STATE_TOO_FEW_PEERS:
      return "同类不足";
    default:
      return "";
  }
}

std::string_view Meaning(v1::Screen screen, Language language) {
  const ScreenWords& words = WordsOf(screen);
  return language == Language::kEnglish ? words.meaning_en : words.meaning_zh;
}
std::string_view ValueTitleZh(v1::Screen screen) { return WordsOf(screen).value_zh; }
std::string_view ValueTitleEn(v1::Screen screen) { return WordsOf(screen).value_en; }

std::string PerCentText(double share) { return fmt::format("{:.1f}%", 100 * share); }

std::string ProbabilityText(double probability) {
  return probability < 0.0001 ? "<0.0001" : fmt::format("{:.4f}", probability);
}

}  // namespace shouwang::ctl
