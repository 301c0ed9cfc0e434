// Calls of services whose messages we have no code for (health, reflection): bytes in, bytes out.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace shouwang::app {

inline std::shared_ptr<grpc::Channel> ChannelTo(int port) {
  return grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                             grpc::InsecureChannelCredentials());
}

// Sends one message on a stream of `method` and gives back the first answer; empty on a fault.
inline std::string BareCall(const std::shared_ptr<grpc::Channel>& channel,
                            const std::string& method, const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  if (!queue.Next(&tag, &ok) || !ok) return "";
  const grpc::Slice slice(request);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  if (!queue.Next(&tag, &ok) || !ok) return "";
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  if (!queue.Next(&tag, &ok) || !ok) return "";
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  grpc::Slice bytes;
  answer.DumpToSingleSlice(&bytes);
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace shouwang::app
