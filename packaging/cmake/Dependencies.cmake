# SPDX-License-Identifier: Apache-2.0
# All dependencies are packages of the distribution (packaging/packages/build.txt).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZMQ REQUIRED IMPORTED_TARGET libzmq)
# zmq.h does not need the include directories in libzmq.pc. Moreover, CMake puts their "-isystem DIR" into
# another position on its second run, which would recompile every object.
set_target_properties(PkgConfig::ZMQ PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "" INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)

find_library(BOOST_PROGRAM_OPTIONS_LIBRARY boost_program_options REQUIRED)
find_library(BOOST_PROGRAM_OPTIONS_STATIC libboost_program_options.a REQUIRED)
find_library(LIBBPF_STATIC libbpf.a REQUIRED)
find_library(ZLIB_LIBRARY z REQUIRED)
find_library(UTF8PROC_STATIC libutf8proc.a REQUIRED)
