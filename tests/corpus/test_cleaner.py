def test_blocked_words_count_by_share(tmp_path) -> None:  # type: ignore[no-untyped-def]
    words = tmp_path / "blocked.txt"
    words.write_text("黄狗\n\n竹篓\n", encoding="utf-8")
    assert verdict(CleanConfig(blocked_words=str(words)), PROSE) == "blocked_words"


def test_a_source_has_its_own_profile() -> None:
    config = CleanConfig.model_validate({"sources": {"review*": {"profile": "short"}}})
    text = "房间干净，服务很好"
    assert verdict(config, text, "reviews") is None
    assert verdict(config, text, "laws") == "too_short"
