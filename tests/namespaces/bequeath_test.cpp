// The fork of a process that is about to execute something else.
#include "namespaces/bequeath.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

namespace podrun::ns {
namespace {

void execute_true(void*, pid_t) {
  ::execl("/bin/true", "true", nullptr);
  ::_exit(99);
}

// In a process of its own: it may be done once in each.
TEST(Bequeath, TheChildGoesOnWithTheMemoryWhileTheParentIsAnotherProgram) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    std::string text = "before ";
    const pid_t self = ::getpid();
    if (!bequeath(execute_true, nullptr)) ::_exit(98);
    text += ::getpid() != self ? "the child's" : "nobody's";
    (void)!::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  int status = -1;
  EXPECT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(status, 0) << "the parent has become /bin/true";
  char heard[64] = {};
  EXPECT_GT(::read(ends[0], heard, sizeof heard - 1), 0);
  EXPECT_STREQ(heard, "before the child's");
  ::close(ends[0]);
}

}  // namespace
}  // namespace podrun::ns
