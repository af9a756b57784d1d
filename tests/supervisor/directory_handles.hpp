// Handles of directories, for tests.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {

/// The handle of PATH. It is empty if there is no such directory.
inline LogFolder held(const std::string& path) {
  auto folder = std::make_shared<ns::DirectoryHandle>(path, "");
  (void)folder->open();
  return folder;
}

}  // namespace podrun::supervisor
