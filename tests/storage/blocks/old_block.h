// A block of version 1 as the program wrote it that wrote such, and what is in it.
#pragma once

#include <string>
#include <vector>

#include "tests/storage/blocks/sample.h"

namespace shouwang {

// Households 17 and 18 in 2026: a constant, a step, noise, steady growth, and something asked only
// each third month; one value was corrected.
inline std::vector<Observation> OldSample() {
  std::vector<Observation> observations;
  for (const uint32_t household : {17, 18}) {
    for (int month = 1; month <= 12; ++month) {
      const Date date = Date::LastOf(Month::OfIndex((2026 - 1970) * 12 + month - 1));
      const Arrival arrival = ArrivalAt(1'700'000'000'000 + month, static_cast<uint64_t>(month));
      const auto add = [&](IndicatorId indicator, int64_t value) {
        observations.push_back(
            {{kVillage, SubjectKind::kHousehold, household}, indicator, date, value, arrival});
      };
      add(1, 400);
      add(2, month > 6 ? 2 : 3);
      add(3, month * 7919 % 1000 * household * 1'000 - 300'000);
      add(4, 10'000 * month * month + month);
      if (month % 3 == 0) add(5, 0);
    }
  }
  return observations;
}

inline Observation OldCorrection() {
  return Observe(18, 3, "2026-06-30", 5, ArrivalAt(1'800'000'000'000, 99));
}

// Of KeyOf(2026).
inline std::string OldBlock() {
  const std::string_view hex =
      "010D92EEABFEF9628F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F"
      "4E0202028F4E0202028F4E0202028F4E0202028F4E0202E89FB787E9058F4EAE0102020C1E001C021F021E02"
      "1F021E021F021F021E021F021E021F020D1E001C021F021E021F021E02000E1F0B1F021E021F021E021F0201"
      "05010101010102110000010000495D08020F01400806050105E0020E2BBB729D0623ACA7A51158AE11562390"
      "B012560000A29C01E2D403A28D06E2C508A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2891C240900"
      "4822434140BF1F0806050105DF1F0A184BD5F7FB95E1AB56CB5B17B50BD89E0000006B59721B1A5CCBDA457B"
      "9B2F2B5C19DB1C03BF1FA29C01E2D403A28D06E2C508A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2"
      "891C241200130EDE75";
  const auto digit = [](char c) { return c < 'A' ? c - '0' : c - 'A' + 10; };
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

}  // namespace shouwang
