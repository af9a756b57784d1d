// The requests of the control socket, converted to text and back.
#include "supervisor/attach/control_socket.hpp"

#include <gtest/gtest.h>

namespace podrun::supervisor {
namespace {

using Input = AttachRequest::Input;

TEST(ControlRequest, AnAttachRequestSurvivesSerialization) {
  for (const std::string container : {"app", "input", "held"})
    for (const Input input : {Input::No, Input::Wanted, Input::Held}) {
      const auto read = parse_request(to_text(AttachRequest{container, input}));
      ASSERT_TRUE(read && std::holds_alternative<AttachRequest>(*read));
      EXPECT_EQ(std::get<AttachRequest>(*read), (AttachRequest{container, input}));
    }
}

TEST(ControlRequest, AStopRequestSurvivesSerialization) {
  for (const auto grace : {std::optional<std::chrono::seconds>{}, std::optional(std::chrono::seconds(0)),
                           std::optional(std::chrono::seconds(30))}) {
    const auto read = parse_request(to_text(StopRequest{grace}));
    ASSERT_TRUE(read && std::holds_alternative<StopRequest>(*read));
    EXPECT_EQ(std::get<StopRequest>(*read).grace, grace);
  }
}

TEST(ControlRequest, AMalformedRequestIsRejected) {
  for (const std::string text : {"", "stop ", "stop now", "stop 1 2", "attach", "start"})
    EXPECT_FALSE(parse_request(text)) << text;
}

}  // namespace
}  // namespace podrun::supervisor
