// The residences of a batch, checked against the register. Pure; any thread.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <vector>

#include "daemon/ingest/rejections.h"
#include "storage/register/register.h"

namespace shouwang::ingest {

// The good ones, by household, each household once (see Supersedes); the others go to
// `rejections`.
std::vector<Residence> CheckResidences(const v1::Batch& batch, const Register& reg,
                                       const Division& township, Date today,
                                       Rejections* rejections);

}  // namespace shouwang::ingest
