// Folders of the test's own, as the program holds them.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {

/// PATH, open if it is there.
inline LogFolder held(const std::string& path) {
  auto folder = std::make_shared<ns::DirectoryHandle>(path, "");
  (void)folder->open();
  return folder;
}

}  // namespace podrun::supervisor
