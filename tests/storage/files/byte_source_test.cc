#include "storage/files/byte_source.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <string>

#include "tests/temporary_directory.h"

namespace shouwang {
namespace {

class ByteSourceTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) {
    std::string path = folder_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static std::string Gzip(const std::string& text) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(compressBound(text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<unsigned char*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }

  // All bytes, 7 at a time; stops at a fault and keeps it in `fault_`.
  std::string Drain(ByteSource source) {
    std::string all;
    char buffer[7];
    for (;;) {
      absl::StatusOr<size_t> count = source.Read(buffer);
      fault_ = count.status();
      if (!count.ok() || *count == 0) return all;
      all.append(buffer, *count);
    }
  }

  TemporaryDirectory folder_;
  absl::Status fault_;
};

TEST_F(ByteSourceTest, TellsGzipByItsBytesAndNotByItsName) {
  EXPECT_EQ(Drain(*ByteSource::Open(Write("a.csv", Gzip("hello, gzip\n")))), "hello, gzip\n");
  EXPECT_EQ(Drain(*ByteSource::Open(Write("b.gz", "hello, plain\n"))), "hello, plain\n");
}

TEST_F(ByteSourceTest, ReadsGzipMembersAfterEachOtherAsOne) {
  EXPECT_EQ(Drain(*ByteSource::Open(Write("a.gz", Gzip("one ") + Gzip("") + Gzip("two")))),
            "one two");
  EXPECT_TRUE(fault_.ok()) << fault_;
}

TEST_F(ByteSourceTest, ReadsMoreThanItsBuffersHold) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919 % 100'003) + "\n";
  EXPECT_EQ(Drain(*ByteSource::Open(Write("a.gz", Gzip(text)))), text);
  EXPECT_EQ(Drain(*ByteSource::Open(Write("a.txt", text))), text);
}

TEST_F(ByteSourceTest, GivesWhatCameBeforeACutAndThenDataLoss) {
  const std::string whole = Gzip("0123456789abcdefghij");
  const std::string path = Write("cut.gz", whole.substr(0, whole.size() - 5));
  EXPECT_EQ(Drain(*ByteSource::Open(path)), "0123456789abcdefghij");
  EXPECT_EQ(fault_.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(fault_.message().find("cut.gz: the gzip stream is cut off after 35 bytes"),
            std::string::npos)
      << fault_;
}

TEST_F(ByteSourceTest, ReportsACutAtEveryByteOfAGzip) {
  const std::string whole = Gzip("0123456789abcdefghij");
  for (size_t size = 2; size < whole.size(); ++size) {
    Drain(*ByteSource::Open(Write("cut.gz", whole.substr(0, size))));
    EXPECT_EQ(fault_.code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST_F(ByteSourceTest, ReportsAWrongChecksum) {
  std::string bytes = Gzip("0123456789abcdefghij");
  bytes[bytes.size() - 6] ^= 1;
  Drain(*ByteSource::Open(Write("bad.gz", bytes)));
  EXPECT_EQ(fault_.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(fault_.message().find("incorrect data check"), std::string::npos) << fault_;
}

TEST_F(ByteSourceTest, SaysWhyAFileCannotBeOpened) {
  EXPECT_EQ(ByteSource::Open(folder_.path() + "/absent").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ByteSource::Open(folder_.path()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ByteSourceTest, CountsTheBytesOfTheFile) {
  auto source = ByteSource::Open(Write("a.txt", "0123456789"));
  EXPECT_EQ(source->bytes_total(), 10);
  EXPECT_EQ(source->bytes_read(), 0);
  char buffer[4];
  EXPECT_EQ(*source->Read(buffer), 4u);
  EXPECT_EQ(source->bytes_read(), 4);
}

}  // namespace
}  // namespace shouwang
