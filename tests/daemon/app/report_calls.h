// The calls that most tests of the program make: a report, and the status after it.
#pragma once

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <shouwang/v1/admin.grpc.pb.h>
#include <shouwang/v1/report.grpc.pb.h>

#include <string>

#include "storage/vocabulary/date.h"
#include "tests/daemon/app/bare_call.h"

namespace shouwang::app {

inline v1::GetStatusResponse StatusOf(int port) {
  grpc::ClientContext context;
  v1::GetStatusResponse response;
  const grpc::Status status =
      v1::AdminService::NewStub(ChannelTo(port))->GetStatus(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

inline std::string VillageOf(int village) { return fmt::format("520502001{:03}", village); }

// A batch of wages in that village; the caller fills its one section, which has one
// column.
inline v1::SubmitRequest WageBatch(const std::string& request_id, int village = 1) {
  v1::SubmitRequest request;
  v1::Batch* batch = request.mutable_batch();
  batch->set_request_id(request_id);
  batch->set_township("520502001");
  batch->set_collector("test");
  batch->set_source(v1::SOURCE_CADRE_VISIT);
  batch->set_reported_at_ms(1'714'900'000'000);
  batch->add_indicators("wage_income");
  v1::Section* section = batch->add_sections();
  section->set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
  section->set_place(VillageOf(village));
  section->add_columns();
  return request;
}

// Sends one batch on a stream of its own.
inline v1::Receipt Submit(int port, const v1::SubmitRequest& request) {
  auto stub = v1::ReportService::NewStub(ChannelTo(port));
  grpc::ClientContext context;
  auto stream = stub->Submit(&context);
  v1::SubmitResponse response;
  EXPECT_TRUE(stream->Write(request));
  stream->WritesDone();
  EXPECT_TRUE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.receipts_size(), 1);
  return response.receipts().empty() ? v1::Receipt() : response.receipts(0);
}

// One household's wage of 500.00 yuan on 2024-05-05.
inline v1::Receipt ReportOne(int port, const std::string& request_id = "first") {
  v1::SubmitRequest request = WageBatch(request_id);
  v1::Section* section = request.mutable_batch()->mutable_sections(0);
  section->add_numbers(17);
  section->add_dates(Date::Parse("2024-05-05").value().days());
  section->mutable_columns(0)->add_values(500'00);
  return Submit(port, request);
}

}  // namespace shouwang::app
