#include "storage/rocks/draw_records.h"

#include "storage/rocks/database.h"
#include "storage/rocks/rocks_draw_book.h"
#include "storage/rocks/verify.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::rocks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Draw Sample(std::string_view township = "520502001") {
  Draw draw;
  draw.township = Div(township);
  draw.month = In("1970-02");
  draw.drawn_at = At(1);
  draw.policy_version = 2;
  draw.households = 4;
  draw.unflagged = 3;
  draw.drawn = {Subject{draw.township.FirstVillageCode() + 2, SubjectKind::kHousehold, 300}};
  return draw;
}

DrawVisit Visit() {
  return {Named("520502001002/300"), VisitOutcome::kAtRisk, At(1), Role::kTownship, "t1", "x"};
}

DrawKey KeyOf(const Draw& draw, uint32_t visit = 0) {
  return {draw.township, draw.month, visit == 0 ? Subject() : draw.drawn[0], visit};
}

TEST(DrawRecordsTest, TheBytesAreThoseOfTheDescription) {
  EXPECT_EQ(WriteDrawKey(KeyOf(Sample())), std::string("\x79\x30\x56\x3d\x68\x80\x00\x00\x01", 9));
  EXPECT_EQ(WriteDrawKey(KeyOf(Sample(), 2)),
            std::string("\x79\x30\x56\x3d\x68\x80\x00\x00\x01"
                        "\x79\x30\x56\x3d\x6a\x00\x00\x00\x01\x2c\x00\x02",
                        21));
  EXPECT_EQ(WriteDraw(Sample()), std::string("\x01\x02\x02\x04\x03\x01\x02\xac\x02", 9));
  EXPECT_EQ(WriteDrawVisit(Visit()), std::string("\x01\x02\x02\x02\x02t1\x01x", 9));
}

TEST(DrawRecordsTest, KeysOrderByTownshipMonthAndVisits) {
  Draw before = Sample();
  before.month = In("1969-12");
  EXPECT_LT(WriteDrawKey(KeyOf(before, 1)), WriteDrawKey(KeyOf(Sample())));
  EXPECT_LT(WriteDrawKey(KeyOf(Sample())), WriteDrawKey(KeyOf(Sample(), 1)));
  EXPECT_LT(WriteDrawKey(KeyOf(Sample(), 2)), EndOfDraw(Div("520502001"), In("1970-02")));
  EXPECT_LT(EndOfDraw(Div("520502001"), In("2199-12")), WriteDrawKey(KeyOf(Sample("520502002"))));
}

TEST(DrawRecordsTest, ComeBackAndNothingShorterOrLongerDoes) {
  const std::string draw = WriteDraw(Sample());
  EXPECT_EQ(ReadDraw(KeyOf(Sample()), draw), Sample());
  const std::string visit = WriteDrawVisit(Visit());
  EXPECT_EQ(ReadDrawVisit(KeyOf(Sample(), 1), visit), Visit());
  for (size_t size = 0; size < draw.size(); ++size) {
    EXPECT_FALSE(ReadDraw(KeyOf(Sample()), draw.substr(0, size))) << size;
    EXPECT_FALSE(ReadDrawVisit(KeyOf(Sample(), 1), visit.substr(0, size))) << size;
  }
  EXPECT_FALSE(ReadDraw(KeyOf(Sample()), draw + '\0'));
  EXPECT_FALSE(ReadDrawVisit(KeyOf(Sample(), 1), visit + '\0'));
  for (const uint32_t number : {0u, 1u, kMaxVisitsOfDrawn}) {
    const std::string key = WriteDrawKey(KeyOf(Sample(), number));
    ASSERT_TRUE(ReadDrawKey(key).has_value());
    EXPECT_EQ(WriteDrawKey(*ReadDrawKey(key)), key);
    EXPECT_FALSE(ReadDrawKey(key + '\0'));
    EXPECT_FALSE(ReadDrawKey(key.substr(1)));
  }
}

TEST(DrawRecordsTest, BytesThatAreNoneAreRefused) {
  const auto draw = [](size_t at, char byte) {
    std::string bytes = WriteDraw(Sample());
    bytes[at] = byte;
    return ReadDraw(KeyOf(Sample()), bytes);
  };
  EXPECT_FALSE(draw(0, 2)) << "version";
  EXPECT_FALSE(draw(3, 2)) << "fewer households than unflagged ones";
  EXPECT_FALSE(draw(5, 2)) << "one household more";
  const auto visit = [](size_t at, char byte) {
    std::string bytes = WriteDrawVisit(Visit());
    bytes[at] = byte;
    return ReadDrawVisit(KeyOf(Sample(), 1), bytes);
  };
  EXPECT_FALSE(visit(0, 2)) << "version";
  EXPECT_FALSE(visit(1, 3)) << "outcome";
  EXPECT_FALSE(visit(2, 9)) << "role";
  std::string key = WriteDrawKey(KeyOf(Sample(), 1));
  key[20] = kMaxVisitsOfDrawn + 1;
  EXPECT_FALSE(ReadDrawKey(key)) << "number of the visit";
  key = WriteDrawKey(KeyOf(Sample()));
  key[4] = '\x69';
  EXPECT_FALSE(ReadDrawKey(key)) << "a village";
}

class DamagedDrawTest : public testing::Test {
 protected:
  DamagedDrawTest() {
    const auto store = OpenRocks(Options());
    RocksDrawBook book(store.get());
    for (const char* township : {"520502001", "520502002", "520502003"}) {
      EXPECT_TRUE(book.AddDraw(Sample(township)).ok());
    }
    EXPECT_TRUE(book.AddVisit(Div("520502001"), In("1970-02"), Visit()).ok());
  }
  RocksOptions Options() const { return SmallRocks(directory_.path()); }
  // Writes what no book would.
  void Put(const std::string& key, const std::string& value) {
    const auto store = OpenRocks(Options());
    rocksdb::WriteBatch batch;
    batch.Put(store->database().Handle(Family::kDraws), key, value);
    ASSERT_TRUE(store->database().Write(&batch, "test").ok());
  }
  std::vector<std::string> Faults() const {
    const auto verified = VerifyStore(Options(), [](const std::string&, uint64_t) {});
    EXPECT_TRUE(verified.ok()) << verified.status();
    return verified->faults;
  }
  TemporaryDirectory directory_;
};

TEST_F(DamagedDrawTest, SoundOnesAreSound) { EXPECT_THAT(Faults(), ElementsAre()); }

TEST_F(DamagedDrawTest, IsNamedAndTheOthersAreServed) {
  Put(WriteDrawKey(KeyOf(Sample("520502002"))), "x");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("draws record 793056415080000001: cannot be read")));
  const auto store = OpenRocks(Options());
  RocksDrawBook book(store.get());
  EXPECT_EQ(book.LoadDraw(Div("520502002"), In("1970-02")).status().code(),
            absl::StatusCode::kDataLoss);
  std::vector<std::string> seen;
  const absl::Status status =
      book.ScanDraws(Div(""), In("1900-01"), In("2199-12"), [&](const Draw& draw) {
        seen.push_back(draw.township.ToString());
        return true;
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(seen, ElementsAre("520502001", "520502003"));
  EXPECT_GT(store->Statistics().damage, 0u);
}

TEST_F(DamagedDrawTest, AVisitWithoutItsDrawIsNoticed) {
  DrawKey key = KeyOf(Sample("520502003"), 1);
  key.subject = Named("520502003001/9");
  Put(WriteDrawKey(key), WriteDrawVisit(Visit()));
  EXPECT_THAT(Faults(),
              ElementsAre(HasSubstr("520502003001/9 was visited and not drawn in 1970-02")));
  const auto store = OpenRocks(Options());
  EXPECT_EQ(RocksDrawBook(store.get()).LoadDraw(Div("520502003"), In("1970-02")).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace shouwang::rocks
