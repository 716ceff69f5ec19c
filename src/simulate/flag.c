/* See flag.h. A line of text is drawn from left to right, word for word:
 *   h:C,C,…           bands of equal height, from above
 *   v:C,C,…           bands of equal width, from the left
 *   r:C,X,Y,W,H       a rectangle
 *   x:C,X,Y,W         a cross of that width through a point
 *   d:C,X,Y,R         a disc
 *   s:C,X,Y,R         a star of five points, one of them up; l: one of them to the left
 *   p:C,X,Y,X,Y,…     a polygon
 *   m:C,X,Y,X,Y,…     half a polygon, right of the middle; the other half mirrors it
 *   k:C,C,X,Y,W,H     a chequer of five by five
 *   g:C,X,Y,W,H       nine rows of six and five stars
 * C is a colour, RRGGBB; lengths are thousandths of the flag's height, which is two thirds of its
 * width: X is in 0 … 1500. */
#include "simulate/flag.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FINE 2 /* samples a pixel, each way */
#define FINE_WIDTH (FINE * PL_FLAG_WIDTH)
#define FINE_HEIGHT (FINE * PL_FLAG_HEIGHT)
#define NUMBERS_MAX 120
#define MIDDLE 750.0

#define EAGLE                                                                                      \
    "0,300,30,230,55,165,95,140,125,150,170,185,120,190,105,225,100,265,140,255,215,195,330,130,"  \
    "310,225,370,240,325,310,385,355,315,395,360,460,285,475,305,550,225,535,130,560,215,655,260," \
    "750,185,700,105,655,120,760,95,840,50,800,0,900"

static const struct {
    const char *country, *text;
} flags[] = {
    {"AL", "h:E41E20 m:000000," EAGLE},
    {"AT", "h:ED2939,FFFFFF,ED2939"},
    {"BE", "v:000000,FAE042,ED2939"},
    {"BG", "h:FFFFFF,00966E,D62612"},
    {"CA", "h:FFFFFF r:D80621,0,0,375,1000 r:D80621,1125,0,375,1000 "
           "m:D80621,0,110,60,220,85,240,135,215,108,375,118,400,205,300,225,345,305,330,278,420,"
           "288,440,325,460,190,578,200,615,218,652,50,620,22,640,25,800,0,800"},
    {"CZ", "h:FFFFFF,D7141A p:11457E,0,0,750,500,0,1000"},
    {"DE", "h:000000,DD0000,FFCE00"},
    {"DK", "h:C8102E x:FFFFFF,500,500,143"},
    {"EE", "h:0072CE,000000,FFFFFF"},
    {"ES", "h:AA151B r:F1BF00,0,250,1500,500"},
    {"FI", "h:FFFFFF x:002F6C,540,500,270"},
    {"FR", "v:000091,FFFFFF,E1000F"},
    {"GB", "h:012169 p:FFFFFF,0,0,170,0,1500,887,1500,1000,1330,1000,0,113 "
           "p:FFFFFF,1500,0,1330,0,0,887,0,1000,170,1000,1500,113 "
           "p:C8102E,0,0,750,500,625,500,0,83 p:C8102E,1500,0,1376,0,750,417,750,500 "
           "p:C8102E,1500,1000,750,500,875,500,1500,917 p:C8102E,0,1000,124,1000,750,583,750,500 "
           "x:FFFFFF,750,500,333 x:C8102E,750,500,200"},
    {"GR", "h:0D5EAF,FFFFFF,0D5EAF,FFFFFF,0D5EAF,FFFFFF,0D5EAF,FFFFFF,0D5EAF "
           "r:0D5EAF,0,0,556,556 r:FFFFFF,222,0,111,556 r:FFFFFF,0,222,556,111"},
    {"HR", "h:FF0000,FFFFFF,171796 p:FF0000,545,235,955,235,955,640,750,800,545,640 "
           "k:FF0000,FFFFFF,560,250,380,400"},
    {"HU", "h:CE2939,FFFFFF,477050"},
    {"IE", "v:169B62,FFFFFF,FF883E"},
    {"IS", "h:02529C x:FFFFFF,500,500,222 x:DC1E35,500,500,111"},
    {"IT", "v:009246,FFFFFF,CE2B37"},
    {"LT", "h:FDB913,006A44,C1272D"},
    {"LU", "h:EF3340,FFFFFF,00A3E0"},
    {"LV", "h:9E3039 r:FFFFFF,0,400,1500,200"},
    {"ME", "h:D3AE3B r:C40308,60,60,1380,880 m:D3AE3B," EAGLE},
    {"MK", "h:D20000 p:FFE600,750,500,650,0,850,0 p:FFE600,750,500,650,1000,850,1000 "
           "p:FFE600,750,500,0,400,0,600 p:FFE600,750,500,1500,400,1500,600 "
           "p:FFE600,750,500,0,0,225,0 p:FFE600,750,500,1500,0,1275,0 "
           "p:FFE600,750,500,0,1000,225,1000 p:FFE600,750,500,1500,1000,1275,1000 "
           "d:D20000,750,500,205 d:FFE600,750,500,170"},
    {"NL", "h:AE1C28,FFFFFF,21468B"},
    {"NO", "h:BA0C2F x:FFFFFF,545,500,250 x:00205B,545,500,125"},
    {"PL", "h:FFFFFF,DC143C"},
    {"PT", "h:DA291C r:046A38,0,0,600,1000 d:FFE900,600,500,250 d:DA291C,600,500,190 "
           "p:FFFFFF,500,390,700,390,700,530,600,640,500,530 d:002D72,600,490,60"},
    {"RO", "v:002B7F,FCD116,CE1126"},
    {"SE", "h:006AA7 x:FECC02,530,500,200"},
    {"SI", "h:FFFFFF,005DA4,ED1C24 p:ED1C24,240,160,460,160,460,390,350,530,240,390 "
           "p:005DA4,258,160,442,160,442,384,350,502,258,384 "
           "p:FFFFFF,262,400,305,320,325,350,350,265,375,350,395,320,438,400,350,490"},
    {"SK", "h:FFFFFF,0B4EA2,EE1C25 p:FFFFFF,270,200,630,200,630,560,600,670,450,830,300,670,270,"
           "560 p:EE1C25,292,222,608,222,608,556,582,656,450,800,318,656,292,556 "
           "d:0B4EA2,370,690,62 d:0B4EA2,530,690,62 d:0B4EA2,450,690,90 "
           "r:FFFFFF,430,280,40,350 r:FFFFFF,365,350,170,42 r:FFFFFF,340,450,220,42"},
    {"TR", "h:E30A17 d:FFFFFF,500,500,250 d:E30A17,562,500,200 l:FFFFFF,770,500,125"},
    {"UA", "h:0057B7,FFD700"},
    {"US", "h:B22234,FFFFFF,B22234,FFFFFF,B22234,FFFFFF,B22234,FFFFFF,B22234,FFFFFF,B22234,"
           "FFFFFF,B22234 r:3C3B6E,0,0,640,538 g:FFFFFF,0,0,640,538"},
};
#define N_FLAGS (sizeof flags / sizeof *flags)

struct canvas {
    uint32_t at[FINE_HEIGHT][FINE_WIDTH]; /* 0xRRGGBB */
};

struct point {
    double x, y;
};

static double x_of(int column)
{
    return (column + 0.5) * 1500 / FINE_WIDTH;
}

static double y_of(int row)
{
    return (row + 0.5) * 1000 / FINE_HEIGHT;
}

static int row_of(double y)
{
    double row = y * FINE_HEIGHT / 1000;
    return row < 0 ? 0 : row > FINE_HEIGHT ? FINE_HEIGHT : (int)row;
}

/* Even-odd, row by row. */
static void fill(struct canvas *c, uint32_t colour, const struct point *p, unsigned n)
{
    double top = 1000, bottom = 0;
    for (unsigned i = 0; i < n; i++) {
        top = fmin(top, p[i].y);
        bottom = fmax(bottom, p[i].y);
    }
    for (int row = row_of(top); row < row_of(bottom + 4) && row < FINE_HEIGHT; row++) {
        double y = y_of(row);
        for (int column = 0; column < FINE_WIDTH; column++) {
            double x = x_of(column);
            bool inside = false;
            for (unsigned i = 0, k = n - 1; i < n; k = i++)
                if ((p[i].y > y) != (p[k].y > y) &&
                    x < (p[k].x - p[i].x) * (y - p[i].y) / (p[k].y - p[i].y) + p[i].x)
                    inside = !inside;
            if (inside)
                c->at[row][column] = colour;
        }
    }
}

static void rectangle(struct canvas *c, uint32_t colour, double x, double y, double w, double h)
{
    for (int row = 0; row < FINE_HEIGHT; row++)
        for (int column = 0; column < FINE_WIDTH; column++)
            if (x_of(column) >= x && x_of(column) < x + w && y_of(row) >= y && y_of(row) < y + h)
                c->at[row][column] = colour;
}

static void disc(struct canvas *c, uint32_t colour, double x, double y, double r)
{
    for (int row = 0; row < FINE_HEIGHT; row++)
        for (int column = 0; column < FINE_WIDTH; column++)
            if (hypot(x_of(column) - x, y_of(row) - y) < r)
                c->at[row][column] = colour;
}

static void star(struct canvas *c, uint32_t colour, double x, double y, double r, double turn)
{
    struct point p[10];
    for (unsigned i = 0; i < 10; i++) {
        double angle = turn + i * M_PI / 5, length = i % 2 ? r * 0.382 : r;
        p[i] = (struct point){x + length * sin(angle), y - length * cos(angle)};
    }
    fill(c, colour, p, 10);
}

static void stars(struct canvas *c, uint32_t colour, const double *v)
{
    for (unsigned row = 0; row < 9; row++)
        for (unsigned i = 0; i < 6 - row % 2; i++)
            star(c, colour, v[0] + v[2] * (2 * i + 1 + row % 2) / 12, v[1] + v[3] * (row + 1) / 10,
                 v[3] * 0.055, 0);
}

static void bands(struct canvas *c, bool upright, const uint32_t *colours, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        rectangle(c, colours[i], upright ? 1500.0 * i / n : 0, upright ? 0 : 1000.0 * i / n,
                  upright ? 1500.0 / n : 1500, upright ? 1000 : 1000.0 / n);
}

static void chequer(struct canvas *c, const uint32_t colours[2], const double *v)
{
    for (unsigned i = 0; i < 25; i++)
        rectangle(c, colours[i % 2], v[0] + v[2] / 5 * (i % 5), v[1] + v[3] / 5 * (i / 5), v[2] / 5,
                  v[3] / 5);
}

static void polygon(struct canvas *c, uint32_t colour, const double *v, unsigned n, bool mirror)
{
    struct point p[NUMBERS_MAX];
    n /= 2;
    for (unsigned i = 0; i < n; i++) {
        p[i] = (struct point){v[2 * i] + (mirror ? MIDDLE : 0), v[2 * i + 1]};
        if (mirror)
            p[2 * n - 1 - i] = (struct point){MIDDLE - v[2 * i], v[2 * i + 1]};
    }
    fill(c, colour, p, mirror ? 2 * n : n);
}

struct word {
    char kind;
    uint32_t colours[16];
    unsigned n_colours;
    double numbers[NUMBERS_MAX];
    unsigned n;
};

/* How many colours and numbers each kind has; 0: any, two at least. */
static const struct {
    char kind;
    unsigned colours, numbers;
} kinds[] = {
    {'r', 1, 4}, {'x', 1, 3}, {'d', 1, 3}, {'s', 1, 3}, {'l', 1, 3},
    {'p', 1, 0}, {'m', 1, 0}, {'k', 2, 4}, {'g', 1, 4},
};

static bool shape_fits(const struct word *w)
{
    if (w->kind == 'h' || w->kind == 'v')
        return w->n_colours > 0 && w->n == 0;
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == w->kind)
            return w->n_colours == kinds[i].colours &&
                   (kinds[i].numbers ? w->n == kinds[i].numbers : w->n >= 4 && w->n % 2 == 0);
    return false;
}

/* Reads a word; NULL: it is none. Colours are the parts of six digits. */
static const char *read_word(const char *text, struct word *w)
{
    *w = (struct word){.kind = text[0]};
    if (!text[0] || text[1] != ':')
        return NULL;
    for (text += 2;; text++) {
        size_t n = strcspn(text, ", ");
        char part[8], *end = part;
        if (n == 0 || n >= sizeof part)
            return NULL;
        memcpy(part, text, n);
        part[n] = 0;
        if (n == 6 && w->n_colours < 16)
            w->colours[w->n_colours++] = (uint32_t)strtoul(part, &end, 16);
        else if (n < 6 && w->n < NUMBERS_MAX)
            w->numbers[w->n++] = strtod(part, &end);
        if (*end || end == part)
            return NULL;
        text += n;
        if (*text != ',')
            return shape_fits(w) ? text : NULL;
    }
}

static void draw_word(struct canvas *c, const struct word *w)
{
    const double *v = w->numbers;
    uint32_t colour = w->colours[0];
    switch (w->kind) {
    case 'h':
    case 'v':
        bands(c, w->kind == 'v', w->colours, w->n_colours);
        break;
    case 'r':
        rectangle(c, colour, v[0], v[1], v[2], v[3]);
        break;
    case 'x':
        rectangle(c, colour, v[0] - v[2] / 2, 0, v[2], 1000);
        rectangle(c, colour, 0, v[1] - v[2] / 2, 1500, v[2]);
        break;
    case 'd':
        disc(c, colour, v[0], v[1], v[2]);
        break;
    case 's':
    case 'l':
        star(c, colour, v[0], v[1], v[2], w->kind == 'l' ? -M_PI / 2 : 0);
        break;
    case 'k':
        chequer(c, w->colours, v);
        break;
    case 'g':
        stars(c, colour, v);
        break;
    default:
        polygon(c, colour, v, w->n, w->kind == 'm');
    }
}

static void shrink(const struct canvas *c, struct pl_flag *out)
{
    for (int y = 0; y < PL_FLAG_HEIGHT; y++)
        for (int x = 0; x < PL_FLAG_WIDTH; x++)
            for (int k = 0; k < 3; k++) {
                unsigned sum = 0;
                for (int i = 0; i < FINE * FINE; i++)
                    sum += c->at[FINE * y + i / FINE][FINE * x + i % FINE] >> (16 - 8 * k) & 255;
                out->rgb[y][x][k] = (uint8_t)(sum / (FINE * FINE));
            }
}

enum pl_err pl_flag_draw_text(const char *text, struct pl_flag *out)
{
    struct canvas *c = calloc(1, sizeof *c);
    struct word w;
    if (!c)
        return PL_ENOMEM;
    while (text && (text = read_word(text, &w))) {
        draw_word(c, &w);
        if (!*text)
            break;
        text++;
    }
    if (text)
        shrink(c, out);
    free(c);
    return text ? PL_OK : PL_EINVAL;
}

enum pl_err pl_flag_draw(const char *country, struct pl_flag *out)
{
    for (unsigned i = 0; i < N_FLAGS; i++)
        if (strcmp(flags[i].country, country) == 0)
            return pl_flag_draw_text(flags[i].text, out);
    enum pl_err e = pl_flag_draw_text("h:51627A", out);
    return e ? e : PL_ENOENT;
}

const char *pl_flag_country(unsigned i)
{
    return i < N_FLAGS ? flags[i].country : NULL;
}
