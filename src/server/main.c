/* The command line: `parley serve`, `demo`, `version`, `help`. */
#include <stdio.h>

int main(void)
{
    puts("parley 0.1.0");
    return 0;
}
