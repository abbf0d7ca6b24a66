# SPDX-License-Identifier: MIT
# Warnings, hardening and sanitizers, each probed before it is used.
include(CheckCCompilerFlag)

add_library(sbx_warnings INTERFACE)
add_library(sbx_flags INTERFACE)
target_link_libraries(sbx_flags INTERFACE sbx_warnings)

set(SBX_WARNING_FLAGS
	-Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wcast-qual -Wundef -Wvla -Wswitch-enum
	-Wconversion -Wimplicit-fallthrough -Wnull-dereference -Wlogical-op
	-Wno-sign-conversion)
set(SBX_HARDENING_FLAGS
	-fstack-protector-strong -fstack-clash-protection
	-ftrivial-auto-var-init=zero -fcf-protection)

function(sbx_add_flags target)
	foreach(flag IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
		check_c_compiler_flag(${flag} ${have})
		if(${have})
			target_compile_options(${target} INTERFACE ${flag})
		endif()
	endforeach()
endfunction()

sbx_add_flags(sbx_warnings ${SBX_WARNING_FLAGS})
if(SBX_WERROR)
	target_compile_options(sbx_warnings INTERFACE -Werror)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(SBX_SANITIZE)
	target_compile_options(sbx_flags INTERFACE
		-fsanitize=address,undefined -fno-sanitize-recover=undefined
		-fno-omit-frame-pointer)
	target_link_options(sbx_flags INTERFACE -fsanitize=address,undefined)
else()
	sbx_add_flags(sbx_flags ${SBX_HARDENING_FLAGS})
	if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
		target_compile_options(sbx_flags INTERFACE
			-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
	endif()
	target_link_options(sbx_flags INTERFACE
		-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(SBX_FUZZ)
	target_compile_options(sbx_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
