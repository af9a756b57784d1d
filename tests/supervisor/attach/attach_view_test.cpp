// An attached client shows each byte once, whatever step of the log's transaction it reads at.
#include "supervisor/attach/attach_view.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

class AttachedView : public Logs {
 protected:
  /// The position of the log, which the supervisor sends after each pump.
  LogPosition position() const {
    struct stat file {};
    EXPECT_EQ(::fstat(log_.kept.file.get(), &file), 0);
    return {.instance = 0, .inode = file.st_ino, .committed = ::lseek(log_.kept.file.get(), 0, SEEK_CUR)};
  }
  AttachView attach() const {
    LogDescriptors all = duplicate(log_.kept);
    auto view = AttachView::create(folder_, {.socket = {},
                                          .position = position(),
                                          .file = std::move(all.file),
                                          .out_journal = std::move(all.out_journal_out),
                                          .err_journal = std::move(all.err_journal_out),
                                          .input = {}});
    EXPECT_TRUE(view) << view.error().message;
    return std::move(*view);
  }
  /// Reads once more, and returns everything that has been shown on stdout.
  std::string shown(AttachView& view, const LogPosition& at) {
    const auto went_on = view.show(at, [this](Stream stream, std::string_view text) {
      (stream == Stream::Out ? out_ : err_) += text;
      return true;
    });
    EXPECT_TRUE(went_on && *went_on);
    return out_;
  }

  std::string out_, err_;
};

TEST_F(AttachedView, AnAttachStartsAtTheUnfinishedLine) {
  LogPump pump = adopt();
  write_out("before\nna");
  pump_once(pump, Stream::Out);
  AttachView view = attach();
  EXPECT_EQ(shown(view, position()), "na");
  write_out("me");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), "name");
  write_out("\nnext\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), "name\nnext\n");
  EXPECT_EQ(shown(view, position()), "name\nnext\n") << "a second look";
}

TEST_F(AttachedView, StdoutAndStderrAreShownSeparately) {
  LogPump pump = adopt();
  AttachView view = attach();
  write_out("out");
  write_err("err");
  pump_once(pump, Stream::Out);
  pump_once(pump, Stream::Err);
  EXPECT_EQ(shown(view, position()), "out");
  EXPECT_EQ(err_, "err");
  write_err("or\n");
  pump_once(pump, Stream::Err);
  EXPECT_EQ(shown(view, position()), "out");
  EXPECT_EQ(err_, "error\n");
}

TEST_F(AttachedView, ABatchIsShownOnceAtEveryStepOfItsTransaction) {
  AttachView view = attach();
  const LogPosition before = position();
  const std::string record = out_full + "ab\n";
  write_out("ab\nc");
  take(4);
  EXPECT_EQ(shown(view, before), "ab\nc") << "taken, not written";
  write_file(record, 0);
  EXPECT_EQ(shown(view, before), "ab\nc") << "written, not committed";
  commit(3);
  EXPECT_EQ(shown(view, before), "ab\nc") << "committed, the position is the old one";
  adopt();
  EXPECT_EQ(shown(view, position()), "ab\nc") << "found by the next supervisor";
  write_out("d\n");
  LogPump pump = adopt();
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), "ab\ncd\n");
}

TEST_F(AttachedView, JournalTextIsNotShownAtAnOutdatedPosition) {
  LogPump pump = adopt();
  AttachView view = attach();
  const LogPosition old = position();
  write_out("first\nthird");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, old), "first\n") << "the position is of before the first";
  write_out("\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), "first\nthird\n");
}

TEST_F(AttachedView, AnAttachFollowsARotationToTheNextFile) {
  fill(static_cast<off_t>(out_full.size()) + 4);
  LogPump pump = adopt();
  AttachView view = attach();
  write_out("one\nt");
  pump_once(pump, Stream::Out);
  const LogPosition old = position();
  EXPECT_EQ(shown(view, old), "one\nt");
  write_out("wo\nthr");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(find_logs(*folder_).size(), 2U);
  EXPECT_EQ(shown(view, old), "one\ntwo\n") << "that file is at its end, but not the log";
  EXPECT_EQ(shown(view, position()), "one\ntwo\nthr");
}

TEST_F(AttachedView, ALineLongerThanARecordIsShownWhole) {
  LogPump pump = adopt();
  AttachView view = attach();
  const std::string long_line(longest_record + 10, 'x');
  write_out(long_line);
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), long_line);
  write_out("\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(shown(view, position()), long_line + "\n");
}

}  // namespace
}  // namespace podrun::supervisor
