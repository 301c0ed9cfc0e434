// Private to storage/rocks: the keys and values of the family `draws`, as README.md gives them byte
// by byte. Pure functions; no RocksDB here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/contract/draw_book.h"

namespace shouwang::rocks {

// The draw of a township and month, and behind it the visits, by household and number from 1.
struct DrawKey {
  Division township;
  Month month;
  Subject subject;     // of a visit
  uint32_t visit = 0;  // 0: the draw itself
};
std::string WriteDrawKey(const DrawKey& key);
std::optional<DrawKey> ReadDrawKey(std::string_view bytes);
// The first key past the draw of that township and month, and past its visits.
std::string EndOfDraw(const Division& township, Month month);

std::string WriteDraw(const Draw& draw);
// nullopt for bytes that WriteDraw never writes under that key.
std::optional<Draw> ReadDraw(const DrawKey& key, std::string_view value);
std::string WriteDrawVisit(const DrawVisit& visit);
std::optional<DrawVisit> ReadDrawVisit(const DrawKey& key, std::string_view value);

}  // namespace shouwang::rocks
