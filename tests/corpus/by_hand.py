"""What people and programs really write, where the rules are in doubt."""

import csv
import io

from tests.corpus.tables import Table

# By name: the text, its delimiter, the row of its header, and the table in it.
BY_HAND: dict[str, tuple[str, str, int, Table]] = {
    "commas in prose, one column": (
        "Remark\nGood, quick, cheap\nFine\nToo late, sadly\nNothing to say\nYes, no, maybe, who knows\n",
        "\t",
        1,
        [
            ["Remark"],
            ["Good, quick, cheap"],
            ["Fine"],
            ["Too late, sadly"],
            ["Nothing to say"],
            ["Yes, no, maybe, who knows"],
        ],
    ),
    "quoted prose, one column": (
        'Remark\n"Good, quick"\n"Late, bad"\n',
        ",",
        1,
        [["Remark"], ["Good, quick"], ["Late, bad"]],
    ),
    "inches": (
        'size,part\n5" pipe,elbow\n6" pipe,tee\n"7"" pipe",cap\n',
        ",",
        1,
        [["size", "part"], ['5" pipe', "elbow"], ['6" pipe', "tee"], ['7" pipe', "cap"]],
    ),
    "two lines": ("a,b\n1,2\n", ",", 1, [["a", "b"], ["1", "2"]]),
    "header alone": ("id;name;place", ";", 1, [["id", "name", "place"]]),
    "one empty column name": (",count\nLeeds,3\nCork,4\n", ",", 1, [["", "count"], ["Leeds", "3"], ["Cork", "4"]]),
    "decimal commas in each cell": (
        "x;y\n1,5;2,5\n1,7;2,25\n3,5;2,0\n",
        ";",
        1,
        [["x", "y"], ["1,5", "2,5"], ["1,7", "2,25"], ["3,5", "2,0"]],
    ),
    "times": (
        "start|end\n10:00:00|11:00:00\n12:30:00|13:00:00\n",
        "|",
        1,
        [["start", "end"], ["10:00:00", "11:00:00"], ["12:30:00", "13:00:00"]],
    ),
    "one column of times": ("start\n10:00\n11:30\n12:00\n", ",", 1, [["start"], ["10:00"], ["11:30"], ["12:00"]]),
    "no header": ("1,2.5,7\n2,3.5,8\n3,4.5,9\n", ",", 1, [["1", "2.5", "7"], ["2", "3.5", "8"], ["3", "4.5", "9"]]),
    "header with a hash": ("#id,name\n1,Rug\n2,Lamp\n", ",", 1, [["#id", "name"], ["1", "Rug"], ["2", "Lamp"]]),
    "apostrophes": (
        "place,remark\n's-Hertogenbosch,it's far\nCork,'tis near\n",
        ",",
        1,
        [["place", "remark"], ["'s-Hertogenbosch", "it's far"], ["Cork", "'tis near"]],
    ),
    "carets": ("a^b^c\n1^2,5^x\n2^3,5^y\n", "^", 1, [["a", "b", "c"], ["1", "2,5", "x"], ["2", "3,5", "y"]]),
    "empty lines between rows": (
        "name,count\nRug,3\n\nLamp,4\n\nKettle,5\n",
        ",",
        1,
        [["name", "count"], ["Rug", "3"], ["Lamp", "4"], ["Kettle", "5"]],
    ),
    "a row that looks like a header": (
        "city,note\nCork,Harbour\nLeeds,Canal\n",
        ",",
        1,
        [["city", "note"], ["Cork", "Harbour"], ["Leeds", "Canal"]],
    ),
    "a path ends with a backslash": (
        'path,size\n"C:\\data\\",3\n"D:\\",4\n',
        ",",
        1,
        [["path", "size"], ["C:\\data\\", "3"], ["D:\\", "4"]],
    ),
    "a comma at every line's end": ("a,b,\n1,2,\n3,4,\n", ",", 1, [["a", "b", ""], ["1", "2", ""], ["3", "4", ""]]),
    "a quote that nobody closes": (
        'id\ttext\n1\t"open\n2\tfine\n3\tfine too\n',
        "\t",
        1,
        [["id", "text"], ["1", '"open'], ["2", "fine"], ["3", "fine too"]],
    ),
    "notes as wide as the table": (
        "Made on,2024-05-01\nLines,3\n\nname,count\nRug,3\nLamp,4\nKettle,5\n",
        ",",
        4,
        [["name", "count"], ["Rug", "3"], ["Lamp", "4"], ["Kettle", "5"]],
    ),
    "tabs, a comma in each line": (
        "name\tplace, country\nRug\tCork, Ireland\nLamp\tLeeds, England\n",
        "\t",
        1,
        [["name", "place, country"], ["Rug", "Cork, Ireland"], ["Lamp", "Leeds, England"]],
    ),
    "a list in each cell": (
        "id,tags\n1,red|green|blue\n2,red|blue|black\n3,blue|white|grey\n",
        ",",
        1,
        [["id", "tags"], ["1", "red|green|blue"], ["2", "red|blue|black"], ["3", "blue|white|grey"]],
    ),
    "money with thousands": (
        'item,price\nRug,"1,200.00"\nLamp,"3,400.50"\n',
        ",",
        1,
        [["item", "price"], ["Rug", "1,200.00"], ["Lamp", "3,400.50"]],
    ),
}

# The same, where ``by_csv`` reads the table.
READ_BY_CSV: dict[str, tuple[str, str, int]] = {
    "an empty cell more in the rows than in the header": ("a;b;c\n1;2;3;\n4;5;6;\n", ";", 1),
    "an empty record and a total": ("Item,Qty,Price\nRug,3,4.5\nLamp,4,2.5\n,,\nTotal,7,\n", ",", 1),
    "a sentence below the table": ("Item;Qty;Price\nRug;3;4,5\nLamp;4;2,5\nExported 2024, all rights\n", ";", 1),
    "a header of two lines": (",2023,,2024,\nItem,Qty,Price,Qty,Price\nRug,1,2,3,4\nLamp,4,3,2,1\n", ",", 2),
    "an instrument with commas": (
        "Model,X-200\nSerial,12345\nOperator,\n\nTime,Temp,Pressure\n0.1,20.5,1.01\n0.2,20.6,1.02\n0.3,20.7,1.03\n",
        ",",
        5,
    ),
    "an instrument with tabs": (
        "Model\tX-200\nSerial\t12345\nTime\tTemp\tPressure\n0.1\t20.5\t1.01\n0.2\t20.6\t1.02\n0.3\t20.7\t1.03\n",
        "\t",
        3,
    ),
    "units below the header": ("time,temp,pressure\ns,degC,bar\n0.1,20,1\n0.2,21,1\n", ",", 1),
    "a statement of account": (
        (
            "Account;DE00 1234\nPeriod;01.01.2024 - 31.01.2024\n\nDate;Text;Amount\n"
            "02.01.2024;Card, shop;-1.234,50\n03.01.2024;Rent;-800,00\n"
        ),
        ";",
        4,
    ),
    "a statement of account, quoted": (
        (
            '"Account";"DE00 1234"\n\n"Date";"Text";"Amount"\n'
            '"02.01.2024";"Card; shop";"-1.234,50"\n"03.01.2024";"Rent";"-800,00"\n'
        ),
        ";",
        3,
    ),
    "objects, quotes doubled": ('id,payload\n1,"{""a"":1,""b"":[1,2]}"\n2,"{""a"":2,""b"":[3]}"\n', ",", 1),
    "a log without header": (
        "2024-01-01 10:00:00|INFO|started, ok\n2024-01-01 10:00:01|WARN|slow; retry\n2024-01-01 10:00:02|INFO|done\n",
        "|",
        1,
    ),
    "degrees with decimal commas": ("name;lat;lon\nA;52,5200;13,4050\nB;48,8566;2,3522\n", ";", 1),
    "two numbers in a cell": ("name|coord|n\nA|52.52,13.40|1\nB|48.85,2.35|2\n", "|", 1),
    "questions as headers": (
        (
            'Timestamp,How did you hear about us?,"What did you like, and why?",Score\n'
            '2024/01/01 10:00,Friend,"Food, mostly",5\n2024/01/02 11:00,Web,,4\n'
        ),
        ",",
        1,
    ),
    "headers that end in question marks": ("Name?;Age?;Ok!\nx;1;yes\ny;2;no\n", ";", 1),
    "headers that end in full stops": ("Full name.;Postal code:;Note.\nx;12345;a\ny;23456;b\n", ";", 1),
    "one header three times": ("Value,Value,Value\n1,2,3\n4,5,6\n", ",", 1),
    "numbers as headers": ("id,1,2,3\na,5,6,7\nb,6,7,8\n", ",", 1),
    "days as headers": ("Site,2024-01-01,2024-01-02\nA,3,4\nB,5,6\n", ",", 1),
    "commas in a column of text": ("key;value\nalpha;one, two\nbeta;three, four\n", ";", 1),
    "a comma in one header and in its cells": ("City, Country;Code\nOslo, Norway;NO\nGraz, Austria;AT\n", ";", 1),
    "addresses with commas": ("url|hits\nhttp://a.example/?x=1,2|3\nhttp://b.example/?x=2,3|4\n", "|", 1),
    "semicolons in a column": ("id,codes,name\n1,A;B;C,x\n2,D;E;F,y\n3,G;H;I,z\n", ",", 1),
    "a hash as header": ("#,Item,Qty\n1,Rug,3\n2,Lamp,4\n", ",", 1),
    "a comment above a header with a hash": ("# generated by x\n#id,name\n1,Rug\n2,Lamp\n", ",", 2),
    "comments with commas": ("# a, b, c\n# d, e, f\nid,name,qty\n1,Rug,3\n2,Lamp,2\n", ",", 3),
    "a title with commas": ("Sales, Spring, 2024\nItem,Qty,Price\nRug,3,4.5\nLamp,4,2.5\n", ",", 2),
    "a title with a day": ("Report 2024-01-01\n\nItem,Qty\nRug,3\nLamp,4\n", ",", 3),
    "some rows too short, some too long": ("a,b,c,d\n1,2,3,4\n1,2\n1,2,3,4,5\n1,2,3,4\n1,2,3\n", ",", 1),
    "all rows too short or too long": ("a,b,c,d\n1\n1,2\n1,2,3\n1,2,3,4,5,6\n", ",", 1),
    "empty lines above and below the header": ("\n\na;b;c\n\n1;2;3\n", ";", 3),
    "times and numbers without header": ("10:00,3\n10:05,4\n10:10,5\n", ",", 1),
    "colons in cells": ("addr,n\nfe80::1,3\nfe80::2,4\n", ",", 1),
    "marked-up text, quotes doubled": ('id,html\n1,"<p class=""x"">a, b</p>"\n2,"<b>c</b>"\n', ",", 1),
    "marked-up text, not quoted": ('id;html\n1;<p class="x">a, b</p>\n2;<b>c</b>\n', ";", 1),
    "two headers missing": ("a,,b,\n1,2,3,4\n5,6,7,8\n", ",", 1),
    "percent with decimal commas": ("Item;Share\nRug;12,5 %\nLamp;87,5 %\n", ";", 1),
    "points between thousands": ("Item;Sum\nRug;1.234,50\nLamp;12.345,00\n", ";", 1),
    "telephone numbers": ("name,phone\nA,+49 30 1234\nB,+49 40 2345\n", ",", 1),
    "one column of addresses": ("email\na@example.org\nb@example.org\n", ",", 1),
    "one column of decimal commas": ("value\n1,5\n2,5\n3,5\n", "\t", 1),
    "one column, a comma in each row": ("name\nRug, red\nLamp, blue\nKettle, steel\n", "\t", 1),
    "one column, semicolons in prose": ("remark\na; b\nc; d; e\nf\n", ",", 1),
    "one column of times with seconds": ("t\n10:00:00\n11:00:00\n", ",", 1),
    "one column without header": ("1\n2\n3\n", ",", 1),
    "one column, quoted": ('"a"\n"b,c"\n"d"\n', ",", 1),
    "a padded title and a padded empty line": (
        "Company report,,,\n,,,\nRegion,Q1,Q2,Q3\nNorth,1,2,3\nSouth,4,5,6\n",
        ",",
        3,
    ),
    "notes with colons as wide as the table": (
        "Customer:;ACME\nDate:;2024-05-05\n;\nItem;Qty\nRug;4\nLamp;5\n",
        ";",
        4,
    ),
    "three sentences above the header": (
        (
            "This file lists things.\nIt was made by hand, with care, in 2024.\n"
            "See the notes below: they matter; really.\n\nItem;Qty;Day\nRug;4;2024-05-05\n"
            "Lamp;5;2024-05-06\n"
        ),
        ";",
        5,
    ),
    "a tab inside quotes": ('Name\tNote\nRug\t"a\tb"\nLamp\tc\n', "\t", 1),
    "blanks between thousands": ("N;M\n1 000,5;2\n2 000,7;3\n", ";", 1),
    "colons as delimiters": ("a:b:c\n1:2:3\n4:5:6\n", ":", 1),
    "two columns of decimal commas without header": ("1,5;2,5\n3,5;4,5\n5,5;6,5\n", ";", 1),
    "questions and answers in two lines": ("ID,First?,,,Last?\n,A,B,C,Open\n1,x,,,fine\n2,,x,,bad\n", ",", 1),
    "colons in hardware addresses": ("mac;ip\n00:11:22:33:44:55;1.2.3.4\n00:11:22:33:44:66;1.2.3.5\n", ";", 1),
    "lists in brackets": ("id;list\n1;[1,2,3]\n2;[4,5,6]\n", ";", 1),
    "footnotes": ("Item,Qty\nRug,3\nLamp,4\n\n* estimated, not counted\n** see note\n", ",", 1),
    "a title as wide as the table": ("List;2024\n\nItem;Qty\nRug;3\nLamp;4\nKey;5\n", ";", 3),
    "a comment that is the header": ("# x y z\n0.1\t1e-5\t3\n0.2\t2e-5\t4\n", "\t", 2),
}


def by_csv(text: str, delimiter: str, header_row: int) -> Table:
    """The table of a file that Python's csv module reads without help."""
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return [record for record in records[header_row - 1 :] if record]
