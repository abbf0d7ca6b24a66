# SPDX-License-Identifier: MIT
# sbx_embed(FILE SYMBOL OUT): makes FILE a C string constant named SYMBOL and
# appends the generated source to the list variable OUT. The bytes become an
# array, so that no quoting rule of C can change them.
function(sbx_embed file symbol out)
	set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
	set(target ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.c)
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
	file(READ ${source} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	file(CONFIGURE OUTPUT ${target} @ONLY CONTENT
		"extern const char ${symbol}[];\nconst char ${symbol}[] = {${bytes}0};\n")
	set(${out} ${${out}} ${target} PARENT_SCOPE)
endfunction()
