# What a guest's build needs: the library, its header, and how to find both.
include(GNUInstallDirs)
include(${CMAKE_SOURCE_DIR}/cmake/one_object.cmake)
trustee_one_library(NAME attester SOURCES ${CMAKE_CURRENT_LIST_DIR}/attester.cc
                    MODULES trustee_guest)
get_property(archive TARGET attester_library PROPERTY TRUSTEE_ARCHIVE)
file(RELATIVE_PATH PC_UP /p/${CMAKE_INSTALL_LIBDIR} /p)
configure_file(${CMAKE_CURRENT_LIST_DIR}/libattester.pc.in ${CMAKE_CURRENT_BINARY_DIR}/libattester.pc
               @ONLY)
install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libattester)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/attester.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/trustee
        COMPONENT libattester)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libattester.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libattester)
