// `podrun exec`: standard input, output and error of a command, which are pipes and never the caller's files.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <fmt/format.h>

#include "tests/system/enter/exec_pod.hpp"

namespace podrun::test {
namespace {

/// Writes 100 MB of numbered lines. A block that is lost, doubled or misplaced changes the checksum.
void write_numbers(Fd to) {
  std::string block;
  for (int line = 0, left = 100'000'000 / 10; left > 0; --left, ++line) {
    block += fmt::format_int(100'000'000 + line).str();
    block += '\n';
    if (block.size() < 1 << 16 && left > 1) continue;
    for (std::size_t done = 0; done < block.size();) {
      const ssize_t length = ::write(to.get(), block.data() + done, block.size() - done);
      if (length < 0) return;
      done += static_cast<std::size_t>(length);
    }
    block.clear();
  }
}

TEST_F(Exec, AHundredMegabytesOfInputArriveUnchanged) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  Fd in(ends[0]);
  std::thread writer(write_numbers, Fd(ends[1]));
  PodRun client(root_, script({"-i", "two/b"}, "md5sum"), {.before_exec = [fd = in.get()] { ::dup2(fd, 0); }});
  in.reset();
  EXPECT_EQ(client.wait_exit(soon() + 3 * test_timeout), 0) << client.err();
  writer.join();
  EXPECT_EQ(client.out(), "86883cda8103987ac00cab837e8b92e5  -\n");
}

TEST_F(Exec, StdinIsEmptyUnlessRequested) {
  const std::string file = root_.write("input", "said\n");
  const Setting from_file{.before_exec = [fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC)] { ::dup2(fd, 0); }};
  EXPECT_EQ(exec({"two/a"}, "cat; echo end", from_file).out, "end\n");
  EXPECT_EQ(exec({"-i", "two/a"}, "cat; echo end", from_file).out, "said\nend\n");
}

TEST_F(Exec, ADirectoryAsStdinIsNotReachableFromTheContainer) {
  const Finished ended = exec({"-i", "two/a"}, "cat; ls /proc/self/fd/0/ 2>&1 | wc -l",
                              {.before_exec = [] { ::dup2(::open("/", O_RDONLY), 0); }});
  EXPECT_EQ(ended.out, "1\n") << "a directory is an input at its end";
}

TEST_F(Exec, ACommandOfAnotherUserCanReopenItsStreams) {
  const std::string file = root_.write("input", "said\n");
  const Finished ended = exec({"-i", "two/b"}, "cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr",
                              {.before_exec = [fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC)] { ::dup2(fd, 0); }});
  EXPECT_EQ(ended.out, "said\nout\n");
  EXPECT_EQ(ended.err, "err\n");
}

// A container could open them again through /proc, and make the output a set-user-ID program.
TEST_F(Exec, TheCallersFilesAreNotPassedToTheCommand) {
  const std::string in = root_.write("input", "of the host\n"), out = root_.write("output", "before\n");
  const Finished ended = exec({"-i", "two/a"},
                              "echo more >> /proc/self/fd/0; chmod 4777 /proc/self/fd/0 /proc/self/fd/1 /proc/$$/fd/1\n"
                              "head -c 100 /proc/self/fd/1 < /dev/null >&2 & status=/proc/$!/status\n"
                              // Wait until it sleeps in read(2), or has ended.
                              "until grep -q '^Name:.head' $status && grep -q '^State:.[SZ]' $status; do :; done\n"
                              "kill $!; echo over",
                              {.before_exec = [from = ::open(in.c_str(), O_RDONLY | O_CLOEXEC),
                                               to = ::open(out.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)] {
                                ::dup2(from, 0);
                                ::dup2(to, 1);
                              }});
  EXPECT_EQ(contents_of(in), "of the host\n");
  EXPECT_EQ(contents_of(out), "before\nover\n");
  EXPECT_EQ(ended.err.find("before"), std::string::npos);
  for (const std::string& path : {in, out}) {
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07111, 0U) << path;
  }
}

TEST_F(Exec, TheCallersStdinStaysBlocking) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd in(ends[0]), writer(ends[1]);
  PodRun client(root_, script({"-i", "two/a"}, "dd bs=1 count=1 iflag=nonblock 2>&1; echo here; sleep 100000"),
                {.before_exec = [fd = in.get()] { ::dup2(fd, 0); }});
  ASSERT_EQ(::write(writer.get(), "x", 1), 1);
  ASSERT_TRUE(client.wait_for_out("here"));
  EXPECT_EQ(::fcntl(in.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(Exec, TheInputEndsWithTheCallersInput) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd in(ends[0]);
  Fd writer(ends[1]);
  PodRun client(root_, script({"-i", "two/a"}, "head -n 1; echo got it; cat; echo at its end"),
                {.before_exec = [fd = in.get()] { ::dup2(fd, 0); }});
  ASSERT_EQ(::write(writer.get(), "line\n", 5), 5);
  ASSERT_TRUE(client.wait_for_out("got it"));
  EXPECT_EQ(client.out().find("at its end"), std::string::npos);
  writer.reset();
  EXPECT_EQ(client.wait_exit(), 0);
  EXPECT_EQ(client.out(), "line\ngot it\nat its end\n");
}

TEST_F(Exec, ACommandWhoseOutputIsClosedDiesOfSigpipe) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  Fd reader(ends[0]);
  const Fd out(ends[1]);
  PodRun client(root_, script({"two/a"}, "yes"), {.before_exec = [fd = out.get()] { ::dup2(fd, 1); }});
  char some;
  ASSERT_EQ(::read(reader.get(), &some, 1), 1);
  reader.reset();
  EXPECT_EQ(client.wait_exit(), 141);
}

TEST_F(Exec, AFullDiskBehindStdoutIsReported) {
  const Finished ended =
      exec({"two/a"}, "yes", {.before_exec = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), 1); }});
  EXPECT_EQ(ended.status, 141);
  EXPECT_TRUE(holds(ended.err, "podrun: standard output: No space left on device\n")) << ended.err;
}

TEST_F(Exec, OutputThatIsLostIsAnErrorAlsoIfTheCommandSucceeds) {
  const auto full = [] { ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), 1); };
  EXPECT_EQ(exec({"two/a"}, "echo lost", {.before_exec = full}).status, 125);
  EXPECT_EQ(exec({"two/a"}, "echo lost; exit 7", {.before_exec = full}).status, 7);
}

}  // namespace
}  // namespace podrun::test
