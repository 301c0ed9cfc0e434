// All that a store holds, as lines of text that can be compared: once as the store tells it, once
// counted anew from the histories.
#pragma once

#include <string>
#include <vector>

#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::ingest {

// Histories, residences, judgements and open warnings, without known_at and batch numbers, which
// depend on the order of arrival.
std::vector<std::string> FactsOf(const Store& store);
// Rollups, histograms and tallies, without latest_*. Places where nothing is counted (any more) are
// left out.
std::vector<std::string> CountsOf(const Store& store);
// The lines of CountsOf that are no histogram's.
std::vector<std::string> SumsOf(const Store& store);
// What CountsOf must say, counted naively from the histories, residences and judgements.
std::vector<std::string> Recount(const Store& store);
// The judgement of every subject, made anew from its whole history; to be found in FactsOf.
std::vector<std::string> JudgeAgain(const Store& store, const Rulebook& rulebook);

}  // namespace shouwang::ingest
