/* usage: files DIRECTORY PORT — answers GET /NAME with the content of DIRECTORY/NAME: a server
   small enough to be static, for tests of the bed itself. One request per connection, no
   subdirectories. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(int number) {
  (void)number;
  _exit(0);
}

static size_t read_file(const char* directory, const char* name, char* to, size_t room) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE* f = fopen(path, "rb");
  if (!f) return (size_t)-1;
  size_t n = fread(to, 1, room, f);
  fclose(f);
  return n;
}

static void answer(int client, const char* directory) {
  char request[2048], name[128], head[128];
  static char body[1 << 20];
  ssize_t got = read(client, request, sizeof request - 1);
  if (got <= 0) return;
  request[got] = 0;
  size_t size = (size_t)-1;
  if (sscanf(request, "GET /%127[a-zA-Z0-9_.-] ", name) == 1 && !strstr(name, ".."))
    size = read_file(directory, name, body, sizeof body);
  int found = size != (size_t)-1;
  if (!found) size = 0;
  int n =
      snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
               found ? "200 OK" : "404 Not Found", size);
  if (write(client, head, (size_t)n) == n && write(client, body, size) != (ssize_t)size)
    fprintf(stderr, "short write\n");
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  signal(SIGTERM, end); /* process 1 has no default action */
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr*)&here, sizeof here) || listen(listener, 64)) {
    perror("files");
    return 1;
  }
  printf("serving %s on port %s\n", argv[1], argv[2]);
  fflush(stdout);
  for (;;) {
    int client = accept(listener, 0, 0);
    if (client < 0) continue;
    answer(client, argv[1]);
    close(client);
  }
}
