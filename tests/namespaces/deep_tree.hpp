// Trees that are too deep for paths, as an attacker makes them.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"

namespace podrun::ns {

/// Makes LEVELS nested directories. Each also has a file, and a directory before and one after the next level, in the
/// order of names. The names are so long that the path of the lowest is longer than PATH_MAX. Returns the lowest.
inline Fd make_deep_tree(const std::string& top, int levels) {
  const std::string name(200, 'd');
  ::mkdir(top.c_str(), 0755);
  Fd here(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int level = 0; level < levels; ++level) {
    for (const char* const aside : {"a", "z"}) EXPECT_EQ(::mkdirat(here.get(), aside, 0700), 0);
    EXPECT_EQ(::mkdirat(here.get(), name.c_str(), 0700), 0);
    EXPECT_EQ(::close(::openat(here.get(), "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
    here = Fd(::openat(here.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!here) ADD_FAILURE() << "level " << level;
  }
  return here;
}

/// Limits the open descriptors of this process (RLIMIT_NOFILE) until its destruction.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &limit_);
    const rlimit few{.rlim_cur = most, .rlim_max = limit_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &limit_); }

 private:
  rlimit limit_{};
};

}  // namespace podrun::ns
