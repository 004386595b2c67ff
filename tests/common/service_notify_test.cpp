// SPDX-License-Identifier: Apache-2.0
#include "common/fd.h"
#include "common/service_notify.h"
#include "tests/common/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace minewarden {
namespace {

/// The end of $NOTIFY_SOCKET at the service manager.
class ServiceNotify : public ::testing::Test {
  protected:
    void listen_at(const std::string& name) {
        socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        const auto length = offsetof(sockaddr_un, sun_path) + name.size();
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                         static_cast<socklen_t>(length)),
                  0);
        std::string shown = name;
        if (shown[0] == '\0') shown[0] = '@';
        ::setenv("NOTIFY_SOCKET", shown.c_str(), 1);
    }
    /// The next datagram, or "".
    std::string received() {
        char buffer[512];
        const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
    }
    void TearDown() override { ::unsetenv("NOTIFY_SOCKET"); }

    test::TemporaryDirectory directory_;
    Fd socket_;
};

TEST_F(ServiceNotify, DoesNothingWithoutASocket) {
    ::unsetenv("NOTIFY_SOCKET");
    notify_ready("fine");
    notify_stopping();
}

TEST_F(ServiceNotify, ReadyHasTheStatus) {
    listen_at((directory_ / "notify").string());
    notify_ready("watching");
    const std::string message = received();
    EXPECT_NE(message.find("READY=1"), std::string::npos) << message;
    EXPECT_NE(message.find("STATUS=watching"), std::string::npos) << message;
}

TEST_F(ServiceNotify, SendsToAbstractSockets) {
    listen_at(std::string(1, '\0') + "minewarden-test-" + directory_.path().filename().string());
    notify_stopping();
    EXPECT_NE(received().find("STOPPING=1"), std::string::npos);
}

TEST_F(ServiceNotify, ReloadingHasTheTime) {
    listen_at((directory_ / "notify").string());
    notify_reloading();
    const std::string message = received();
    EXPECT_NE(message.find("RELOADING=1"), std::string::npos) << message;
    EXPECT_NE(message.find("MONOTONIC_USEC="), std::string::npos) << message;
}

TEST_F(ServiceNotify, AStatusCannotAddAnotherLine) {
    listen_at((directory_ / "notify").string());
    notify_ready("one\nMAINPID=1");
    EXPECT_EQ(received().find("\nMAINPID=1"), std::string::npos);
}

} // namespace
} // namespace minewarden
