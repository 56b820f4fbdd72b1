# Public headers are the ones that the house itself includes, with one change: installed, they
# include each other as "penstock/...", so that they cannot meet a user's files of the same names.

# penstock_public_header(AS FILE): installs FILE as <penstock/AS>, and every header of ours that it
# includes, directly or not, under its own path.
function(penstock_public_header as file)
    set(waiting ${file})
    set(done "")
    while(waiting)
        list(POP_FRONT waiting header)
        list(APPEND done ${header})
        set_property(DIRECTORY APPEND PROPERTY
            CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${header})
        file(READ ${PROJECT_SOURCE_DIR}/${header} text)
        string(REGEX MATCHALL "#include \"[^\"]+\"" includes "${text}")
        foreach(include IN LISTS includes)
            string(REGEX REPLACE "#include \"(.*)\"" "\\1" include "${include}")
            if(NOT include IN_LIST done AND NOT include IN_LIST waiting)
                list(APPEND waiting ${include})
            endif()
        endforeach()
        if(header STREQUAL file)
            set(target ${as})
        else()
            set(target ${header})
        endif()
        string(REPLACE "#include \"" "#include \"penstock/" text "${text}")
        file(WRITE ${PROJECT_BINARY_DIR}/include/penstock/${target} "${text}")
    endwhile()
endfunction()
