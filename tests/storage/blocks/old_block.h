// Blocks of older versions as the programs wrote them that wrote such, and what is in them.
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

inline std::string BytesOfHex(std::string_view hex) {
  const auto digit = [](char c) { return c < 'A' ? c - '0' : c - 'A' + 10; };
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

// Of KeyOf(2026), version 1.
inline std::string OldBlock() {
  return BytesOfHex(
      "010D92EEABFEF9628F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F"
      "4E0202028F4E0202028F4E0202028F4E0202028F4E0202E89FB787E9058F4EAE0102020C1E001C021F021E02"
      "1F021E021F021F021E021F021E021F020D1E001C021F021E021F021E02000E1F0B1F021E021F021E021F0201"
      "05010101010102110000010000495D08020F01400806050105E0020E2BBB729D0623ACA7A51158AE11562390"
      "B012560000A29C01E2D403A28D06E2C508A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2891C240900"
      "4822434140BF1F0806050105DF1F0A184BD5F7FB95E1AB56CB5B17B50BD89E0000006B59721B1A5CCBDA457B"
      "9B2F2B5C19DB1C03BF1FA29C01E2D403A28D06E2C508A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2"
      "891C241200130EDE75");
}

// The same in version 4.
inline std::string UncompressedBlock() {
  return BytesOfHex(
      "040D92EEABFEF9628F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F4E0202028F"
      "4E0202028F4E0202028F4E0202028F4E0202028F4E0202E89FB787E9058F4EAE0102020C1E001C021F021E02"
      "1F021E021F021F021E021F021E021F020D1E001C021F021E021F021E02000E1F0B1F021E021F021E021F0201"
      "050101010101021100000100000202024C040A0236084802220FC301415C5C0E16010008080601A29C01E2D4"
      "03A28D06E2C508A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2891C0601A29C01E2D403A28D06E2C5"
      "08A2FE0AE2B60DA2EF0FE2A712A2E014E29817A2D119E2891C050505052409BF1FDF1FBF1F241260022BBB72"
      "9D0623ACA7A51158AE11562390B0125600000F91F17F47FBAE8A7EDF90CFC41F0000F0EA6D7DAE498FF8CD5F"
      "61F226517C7D021B5DF377");
}

}  // namespace shouwang
