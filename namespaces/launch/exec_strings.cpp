// The strings of an execve(2).
#include "namespaces/launch/exec_strings.hpp"

#include "namespaces/helper/exec_path.hpp"

namespace podrun::ns {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

const char* find_path(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment)
    if (variable.starts_with("PATH=")) return variable.c_str() + 5;
  return default_search_path;
}

}  // namespace

ExecStrings::ExecStrings(const pod::step::Exec& exec)
    : argv_(pointers(exec.argv)), envp_(pointers(exec.env)), search_path_(find_path(exec.env)) {}

}  // namespace podrun::ns
