import pytest

from gaupt.corpus.change.particle import with_particle


def test_the_particle_that_taiwan_writes_otherwise() -> None:
    assert with_particle("他带著学生读这部著名的著作，沿著河边走，成绩显著，并著手编著新书。") == (
        "他带着学生读这部著名的著作，沿着河边走，成绩显著，并着手编著新书。"
    )


@pytest.mark.parametrize(
    "text",
    [
        "《三国演义》，罗贯中著，人民文学出版社",
        "《红楼梦》（清）曹雪芹著；高鹗续",
        "《呐喊》 鲁迅著",
        "《聊斋志异》，蒲松龄著，中华书局出版",
        "《乡土中国》是费孝通写的，费孝通著，三联书店",
        "[美]海明威著，吴劳译",
        "彼得·诺维格著，林达等著。",
        "由 Knuth 著",
        "王华（著）北京",
        "王华(著)北京",
        "（著）",
        "鲁迅著",
        "书，李看云著，书",
        "看著名的人，山著名字",
        "大著出版，讨论著作权，评论著述",
        "李白著《草堂集》",
        "名著、著者、原著、著作权、著录、见微知著、以山水著称于世",
    ],
)
def test_the_author_keeps_his(text: str) -> None:
    assert with_particle(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("她看著，王小明笑著，灯亮著，门关著。", "她看着，王小明笑着，灯亮着，门关着。"),
        ("读著《诗经》，拿著书，跟著作者，看著文件", "读着《诗经》，拿着书，跟着作者，看着文件"),
        ("牌上写著名字，是著名的人", "牌上写着名字，是著名的人"),
        ("讨论著，配合著，放大著，大著胆子", "讨论着，配合着，放大着，大着胆子"),
        ("（笑）他还坐著，《诗》就放著", "（笑）他还坐着，《诗》就放着"),
        ("看著《诗经》", "看着《诗经》"),
        ("大著胆子", "大着胆子"),
        ("写著名字", "写着名字"),
        ("笑，王明笑著，何必著急", "笑，王明笑着，何必着急"),
        ("执著、穿著、衣著、著急、著重、土著", "执着、穿着、衣着、着急、着重、土著"),
    ],
)
def test_the_particle_is_told_from_the_author(before: str, after: str) -> None:
    assert with_particle(before) == after


def test_behind_a_verb_some_words_with_the_same_beginning_are_none_of_an_author() -> None:
    words = ["名字", "名单", "名片", "名叫", "名册", "名牌", "作者", "作业", "作品", "作文", "作案"]
    assert [word for word in words if with_particle(f"他看著{word}") != f"他看着{word}"] == []
    assert with_particle("他看著作") == "他看著作"
