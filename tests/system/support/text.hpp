// Assertions about texts that print the whole text when they fail.
#pragma once

#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace podrun::test {

/// Whether TEXT contains WORDS.
inline testing::AssertionResult holds(const std::string& text, const std::string& words) {
  if (text.find(words) != std::string::npos)
    return testing::AssertionSuccess() << "\"" << words << "\" is in:\n" << text;
  return testing::AssertionFailure() << "\"" << words << "\" is not in:\n" << text;
}

/// Whether part of TEXT is as PATTERN (ECMAScript) says.
inline testing::AssertionResult matches(const std::string& text, const std::string& pattern) {
  if (std::regex_search(text, std::regex(pattern))) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "nothing matches \"" << pattern << "\" in:\n" << text;
}

}  // namespace podrun::test
